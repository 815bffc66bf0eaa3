"""What else speaks for a person behind a click, beside the click itself: a lone one proves nothing. For engagement."""

from collections.abc import Sequence
from datetime import timedelta

from shared.domain.fetchers import is_mail_program, proxy_by
from shared.domain.links import LinkKind
from shared.domain.touches import Touch

READ_FIRST = timedelta(seconds=10)
"""Whoever checks links as a mail is opened is faster, and whoever reads it is not."""
READ_BY_THEN = timedelta(minutes=30)
READ_THROUGH_PROXY = timedelta(minutes=5)
"""A proxy's picture has no network in common with the click: only how near they are ties them together."""
ANOTHER_LINK = timedelta(seconds=15)
MOST_LINKS = 3
"""Different ones of one mail: who follows more, one after the other, is going through a list."""


def second_sign(click: Touch, plain: Sequence[Touch]) -> str:
    """Empty when there is none. `plain`: the touches of the mail that nothing tells to be a machine's."""
    if len({one.link for one in plain if one.kind is LinkKind.CLICK and one.network == click.network}) > MOST_LINKS:
        return ""
    before = [one for one in plain if one.kind is LinkKind.OPEN and READ_FIRST <= click.at - one.at <= READ_BY_THEN]
    if any(proxy_by(one.agent) and click.at - one.at <= READ_THROUGH_PROXY for one in before):
        return "their mailbox showed the mail shortly before"
    if any(one.network == click.network and is_mail_program(one.agent) for one in before):
        return "a mail program in the same network showed the mail before"
    theirs = [one for one in plain if one.kind is LinkKind.CLICK and (one.network, one.agent) == (click.network, click.agent)]
    if any(one.link != click.link and ANOTHER_LINK <= abs(one.at - click.at) <= READ_BY_THEN for one in theirs):
        return "the same browser followed another link at a person's pace"
    return ""

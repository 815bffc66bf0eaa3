"""The unsubscribe link of a mail (RFC 8058): GET shows a page and changes nothing; POST ends the mails and says so, without a redirect."""

from functions.unsubscribe.asking import LARGEST_BODY, AskedBy, asked_by
from functions.unsubscribe.pages import STYLE, done_page, failure_page, question_page, style_sheet
from shared.domain.audit import by_stage
from shared.domain.links import Link, LinkKind
from shared.domain.suppression import Cause, Scope, Subject
from shared.ports.errors import NotFound, Rejected
from shared.ports.requests import Incoming, Page
from shared.stages.policy.suppressions import Wish
from shared.stages.policy.wishes import heard_wish
from shared.wiring import page_endpoint, ports

READING = ("GET", "HEAD")
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@page_endpoint(failed=failure_page, for_strangers=True, largest_body=LARGEST_BODY)
def unsubscribe(incoming: Incoming, _trace_id: str) -> Page:
    """404 for any token we have not made; 503 while nothing can be written down: then nothing is claimed either."""
    if incoming.method not in (*READING, "POST"):
        raise Rejected("this address is not asked for like that", status=405, headers={"Allow": "GET, HEAD, POST"})
    name = incoming.path.strip("/")
    if name == STYLE and incoming.method in READING:
        return style_sheet()
    link = ports.links.read(kind=LinkKind.OPT_OUT, token=name)
    return question_page(_sender_of(link), link.recipient) if incoming.method in READING else _ended(link, asked_by(incoming))


def _ended(link: Link, asked: AskedBy) -> Page:
    person = asked is AskedBy.PERSON
    sender = _sender_of(link) if person else ""  # read before anything is done: what is done must not end as a failure
    wish = Wish(Subject(scope=Scope.ADDRESS, value=link.recipient), Cause.OPT_OUT, f"{asked} {link.draft_id}")
    heard_wish(wish, workspace_id=link.workspace_id, by=by_stage("unsubscribe"), suppressions=ports.suppressions, outbox=ports.outbox)
    return done_page(sender, link.recipient) if person else Page("You are unsubscribed.\n", headers=PLAIN)


def _sender_of(link: Link) -> str:
    """Empty when the workspace is gone: the wish holds all the same, should it ever come back under its name."""
    try:
        return str(ports.store.workspace(workspace_id=link.workspace_id).company_name)
    except NotFound:
        return ""

"""What operators are shown of who opened a mail and followed its links."""

from shared.domain.engaged import Engagement, Word, engagement_of
from shared.domain.links import LinkKind
from shared.domain.touches import LONGEST_AGENT, LONGEST_LINK, MOST_KEPT, Label, Touches, touch_of
from tests.builders import WORKSPACE, at
from tests.eval.engagement.sequences import AGENTS


def touched(*told: tuple[LinkKind, float, str, str]) -> Touches:
    every = Touches(id="draft_1", workspace_id=WORKSPACE, recipient="ana@brightleaf.example")
    for kind, minutes, agent, address in told:
        url = "https://docs.example/a" if kind is LinkKind.CLICK else ""
        headers = {"user-agent": AGENTS[agent]}
        every = every.with_one(touch_of(kind, url=url, at=at(minutes=minutes), headers=headers, address=address, head=False))
    return every


READ = ((LinkKind.OPEN, 60, "outlook", "192.0.2.7"), (LinkKind.CLICK, 61, "edge", "192.0.2.9"))


def test_a_person_who_read_and_followed_is_told_with_the_link():
    shown = engagement_of(touched(*READ), delivered_at=at())
    assert (shown.opened, shown.clicked) == (Label.HUMAN, Label.HUMAN)
    assert shown.best is not None
    assert (shown.best.word, shown.best.url, shown.best.at) == (Word.CLICKED, "https://docs.example/a", at(minutes=61))


def test_a_link_no_person_sees_counts_as_followed_by_a_machine():
    shown = engagement_of(touched((LinkKind.DECOY, 60, "chrome", "192.0.2.7")), delivered_at=at())
    assert (shown.opened, shown.clicked) == (None, Label.MACHINE)


def test_of_a_mail_that_left_nobody_knows_when_nobody_is_called_a_person():
    shown = engagement_of(touched(*READ, (LinkKind.CLICK, 62, "barracuda", "203.0.113.4")), delivered_at=None)
    assert [one.label for one in shown.happened] == [Label.UNKNOWN, Label.UNKNOWN, Label.MACHINE]
    assert shown.happened[0].reason == "nobody knows when the mail left"


def test_of_a_mail_nobody_has_touched_there_is_nothing_to_tell():
    assert engagement_of(None, delivered_at=at()) == Engagement(opened=None, clicked=None, happened=(), uncounted=0)


def test_so_many_touches_are_kept_and_the_others_counted_by_kind():
    every = touched(*READ * (MOST_KEPT // 2), *READ, READ[1])
    assert (len(every.kept), every.uncounted) == (MOST_KEPT, {LinkKind.OPEN: 1, LinkKind.CLICK: 2})
    shown = engagement_of(every, delivered_at=at())
    assert (shown.uncounted, {one.label for one in shown.happened}) == (3, {Label.UNKNOWN})


def test_a_touch_keeps_no_whole_address_and_no_endless_words():
    headers = {"user-agent": "x" * 5000, "sec-purpose": "prefetch"}
    touch = touch_of(LinkKind.CLICK, url="https://a.example/" + "y" * 1900, at=at(), headers=headers, address="2001:db8:1:2::7", head=True)
    assert (len(touch.agent), len(touch.link), touch.network) == (LONGEST_AGENT, LONGEST_LINK, "2001:db8:1::/48")
    assert (touch.head, touch.prefetch) == (True, True)

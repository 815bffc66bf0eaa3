"""Catching up with a mailbox: who has written, what became of our drafts, and how far it is read."""

from typing import Any

import pytest

from shared.domain.audit import AuditEntry
from shared.domain.draft import DraftState
from shared.domain.heard import Heard, MailboxState
from shared.ports.errors import ReconnectNeeded, Transient
from shared.ports.store import Put
from tests.unit.stages.crashing import Death
from tests.unit.stages.trouble import Plan, Trouble
from tests.unit.stages.wire import KINDS, Kind, SendingWorld

ANA = KINDS[0].recipient


@pytest.fixture
def at() -> SendingWorld:
    world = SendingWorld()
    for number in (1, 2):
        world.placed(number)
    world.sync()
    return world


def heard(at: SendingWorld) -> list[str]:
    return [one.gmail_message_id for one in at.store.everything(Heard)]


def state(at: SendingWorld) -> MailboxState:
    [found] = [one for one in at.store.everything(MailboxState) if one.operator_id == "maria"]
    return found


def test_what_a_person_wrote_last_is_kept(at):
    at.mailbox.arrive(ANA)
    at.later(minutes=1)
    last = at.mailbox.arrive(ANA)
    at.mailbox.arrive(ANA, automatic=True)
    at.sync()
    assert heard(at)[-1] == last.id
    before = at.store.everything(Heard)
    at.sync()
    assert at.store.everything(Heard) == before


@pytest.mark.parametrize(
    ("act", "becomes", "reason"),
    [
        ("edit", DraftState.EDITED_OUTSIDE, "changed in Gmail"),
        ("delete", DraftState.DISCARDED, "deleted in Gmail"),
        ("send_by_hand", DraftState.SENT_BY_OPERATOR, "sent from Gmail"),
    ],
)
def test_what_the_operator_does_with_a_draft_is_noticed_and_told(at, act, becomes, reason):
    getattr(at.mailbox, act)(at.gmail_id(1))
    at.sync()
    assert (at.draft(1).state, at.draft(1).state_reason, at.draft(2).state) == (becomes, reason, DraftState.PENDING)
    assert [one.action for one in at.store.everything(AuditEntry)] == [f"draft.{becomes}"]


@pytest.mark.parametrize(("act", "becomes"), [("delete", DraftState.DISCARDED), ("send_by_hand", DraftState.SENT_BY_OPERATOR)])
def test_a_draft_that_was_changed_is_followed_to_its_end(at, act, becomes):
    at.mailbox.edit(at.gmail_id(1))
    at.sync()
    getattr(at.mailbox, act)(at.gmail_id(1))
    at.sync()
    assert at.draft(1).state is becomes


def test_a_draft_that_our_own_send_has_taken_is_no_business_of_the_operator(at):
    at.approve(1)
    at.mailbox.sending = "fails after"
    at.left_by_itself(1)
    at.sync()
    assert at.draft(1).state is DraftState.APPROVED


def test_forgotten_history_is_made_up_for_by_looking_at_everything(at):
    first = at.mailbox.arrive(ANA)
    at.mailbox.arrive(ANA, automatic=True)
    at.mailbox.delete(at.gmail_id(2))
    at.mailbox.forget_history()
    at.sync()
    assert first.id in heard(at)
    assert (at.draft(1).state, at.draft(2).state) == (DraftState.PENDING, DraftState.DISCARDED)
    assert state(at).resyncs == 1
    at.sync()
    assert state(at).resyncs == 1


def test_without_history_they_are_heard_under_every_address_they_have(at):
    at.placed(3, Kind("carl+demo@three.example"), contact={"other_emails": ("carl@home.example",)})
    from_home = at.mailbox.arrive("carl@home.example")
    at.mailbox.forget_history()
    at.sync()
    assert from_home.id in heard(at)
    at.later(minutes=1)
    untagged = at.mailbox.arrive("carl@three.example")
    at.mailbox.forget_history()
    at.sync()
    assert untagged.id in heard(at)


def test_the_first_look_is_no_resync(at):
    assert (state(at).resyncs, state(at).read_at) == (0, at.clock.now())


@pytest.mark.parametrize("way", ["dies before", "dies after"])
def test_whoever_dies_while_reading_loses_nothing(way):
    for dies_at in range(40):
        at = SendingWorld()
        at.placed(1)
        at.placed(2)
        at.sync()
        at.mailbox.arrive(ANA)
        at.mailbox.delete(at.gmail_id(2))
        trouble = Trouble()
        at.through = trouble.through
        trouble.begin(Plan(dies_at, way))
        try:
            at.sync()
        except Death:
            trouble.begin(None)
        else:
            assert dies_at > 8
            return
        at.sync()
        assert (len(heard(at)), at.draft(2).state) == (2, DraftState.DISCARDED)


def test_a_mailbox_that_is_disconnected_says_so_and_keeps_no_other_from_being_read(at):
    def revoked(**_: Any) -> Any:
        raise ReconnectNeeded("consent was revoked")

    news, at.mailbox.news = at.mailbox.news, revoked  # type: ignore[method-assign]
    done = at.sync()
    assert (done.read, done.disconnected, state(at).trouble) == (0, ("maria", "jo"), "consent was revoked")
    at.mailbox.news = news  # type: ignore[method-assign]
    assert (at.sync().read, state(at).trouble) == (2, "")


def test_one_revoked_mailbox_keeps_none_of_the_others(at):
    news, asked = at.mailbox.news, list[str]()

    def first_revoked(**named: Any) -> Any:
        asked.append("news")
        if len(asked) == 1:
            raise ReconnectNeeded("consent was revoked")
        return news(**named)

    at.mailbox.news = first_revoked  # type: ignore[method-assign]
    done = at.sync()
    assert (done.read, done.disconnected, done.postponed) == (1, ("maria",), ())


def test_gmail_being_away_postpones_a_mailbox(at):
    def away(**_: Any) -> Any:
        raise Transient("Gmail is away")

    at.mailbox.news = away  # type: ignore[method-assign]
    assert at.sync().postponed == ("maria", "jo")
    assert state(at).trouble == ""


def test_a_draft_that_stands_nowhere_is_not_looked_for(at):
    at.store.commit(Put(at.draft(1).model_copy(update={"placement": None})))
    at.mailbox.forget_history()
    at.sync()
    assert at.draft(1).state is DraftState.PENDING


def test_what_was_decided_while_we_looked_stands(at):
    """The next look meets the same mailbox."""
    trouble = Trouble()
    at.through = trouble.through
    at.mailbox.edit(at.gmail_id(1))
    for number in range(30):
        trouble.begin(
            Plan(number, "somebody acts", lambda: at.store.commit(Put(at.draft(1).model_copy(update={"updated_at": at.clock.now()}))))
        )
        at.sync()
        at.later(seconds=1)
    assert at.draft(1).state is DraftState.EDITED_OUTSIDE

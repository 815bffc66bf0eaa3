"""A draft on the desk: operators decide, deliveries come twice, late or die, and a person does as they please in Gmail.

What a person touched is never overwritten, nobody approves what they did not see, Gmail ends up with what was approved, nothing is lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.domain.approval import Approval, ApprovalState
from shared.domain.draft import Draft, DraftState, DraftText, OpenDraft, Revision
from shared.domain.lease import LEASE_FOR
from shared.domain.outbox import Queue
from shared.domain.rejection import RejectionReason
from shared.domain.sends import Send
from shared.domain.verdict import Outcome
from shared.ports.errors import Conflict, OutcomeUnknown, Rejected, SalesAgentError
from shared.stages.deciding.approving import approve, fingerprint_shown
from shared.stages.deciding.ask_anew import ask_anew
from shared.stages.deciding.desk import Desk
from shared.stages.deciding.edit import edit
from shared.stages.deciding.regenerate import regenerate
from shared.stages.deciding.reject import reject
from shared.stages.deciding.snooze import snooze
from shared.stages.deciding.undo import undo
from shared.stages.deciding.write_draft import write_draft
from tests.builders import WORKSPACE, a_draft_text, a_verdict, a_violation
from tests.fakes.agents import ScriptedAgent
from tests.fakes.mailbox import MemoryMailbox
from tests.unit.stages.crashing import Death, DyingStore
from tests.unit.stages.deciding.test_regenerate import ANEW
from tests.unit.stages.desk import JO, MARIA, DeskWorld
from tests.unit.stages.world import work

SECRET = "hunter2"
ACTORS = st.sampled_from([MARIA, JO])
LIVES = st.one_of(st.none(), st.none(), st.tuples(st.integers(0, 8), st.booleans()))
WEATHER = st.sampled_from(["fine", "lost before", "lost after"])


class Stormy(MemoryMailbox):
    """Replaces, or does not, and says nothing of it; or the process dies around the call."""

    weather = "fine"

    def replace_draft(self, *, gmail_draft_id: str, draft: Draft, files: Sequence[bytes] = ()) -> Any:
        if self.weather == "lost before":
            raise OutcomeUnknown("no answer from Gmail")
        placed = super().replace_draft(gmail_draft_id=gmail_draft_id, draft=draft, files=files)
        if self.weather == "lost after":
            raise OutcomeUnknown("no answer from Gmail")
        return placed


class OnTheDesk(RuleBasedStateMachine):
    @initialize(sending=st.sampled_from([False, False, True]), quiet=st.booleans())
    def begin(self, sending: bool, quiet: bool) -> None:
        """`quiet`: nobody touches Gmail and nobody rejects, so that the draft lives long."""
        self.quiet = quiet
        self.world = DeskWorld()
        mailbox = Stormy()
        mailbox.drafts, mailbox.calls = self.world.mailbox.drafts, self.world.mailbox.calls
        self.world.mailbox = mailbox
        self.world.gate = ScriptedAgent(lambda draft, **_: _verdict(draft.text))
        if sending:
            self.world.allow_sending()
        self.touched: Any = None
        self.meddled = False
        self.seen = [self._page()]
        self.texts: dict[int, DraftText] = {1: self.world.draft().text}
        self.number = 0
        self.tasks: list[str] = []

    def _page(self) -> tuple[Draft, str]:
        draft = self.world.draft()
        return draft, fingerprint_shown(draft, "Maria Costa")

    def _desk(self, life: tuple[int, bool] | None) -> Desk:
        desk = self.world.desk
        left, after = life or (None, False)
        return replace(desk, store=DyingStore(self.world.store, left=left, after=after))  # type: ignore[arg-type]

    def _do(self, doing: Callable[[Desk], object], life: tuple[int, bool] | None, *, dead: bool = False) -> SalesAgentError | None:
        self.world.outbox.dead = dead
        before = self.world.draft()
        error: SalesAgentError | None = None
        try:
            doing(self._desk(life))
        except Death:
            pass
        except SalesAgentError as raised:
            error = raised
        now = self.world.draft()
        if now.revision != before.revision:
            assert before.state is DraftState.PENDING
            self.texts[now.revision] = now.text
        return error

    # People at the desk

    @rule(data=st.data())
    def somebody_looks_and_acts_at_once(self, data: st.DataObject) -> None:
        self.seen.append(self._page())
        if data.draw(st.booleans()):
            self._edits(self.seen[-1][0], MARIA, secret=False)

    @rule(data=st.data(), who=ACTORS, life=LIVES, dead=st.booleans())
    def somebody_approves_what_they_saw(self, data: st.DataObject, who: Any, life: Any, dead: bool) -> None:
        saw, fingerprint = data.draw(st.sampled_from(self.seen[-3:]))
        before = self.world.draft()
        self._do(lambda desk: approve(WORKSPACE, "draft-1", fingerprint=fingerprint, actor=who, trace_id="t", desk=desk), life, dead=dead)
        now = self.world.draft()
        if now.approvals != before.approvals:
            assert (now.text, now.revision) == (saw.text, saw.revision)
            assert _verdict(saw.text).outcome is not Outcome.FAIL
            assert self.touched is None

    @rule(data=st.data(), who=ACTORS, secret=st.sampled_from([False, False, True]), life=LIVES, dead=st.booleans())
    def somebody_edits_what_they_saw(self, data: st.DataObject, who: Any, secret: bool, life: Any, dead: bool) -> None:
        self._edits(data.draw(st.sampled_from(self.seen[-3:]))[0], who, secret=secret, life=life, dead=dead)

    def _edits(self, saw: Draft, who: Any, *, secret: bool, life: Any = None, dead: bool = False) -> None:
        self.number += 1
        body = f"Hi Ana,\n\nText {self.number}{f' with {SECRET}' if secret else ''}. Which part matters?\n"
        asked = {"subject": saw.text.subject, "body": body, "revision": saw.revision, "actor": who, "trace_id": "t"}
        before = self.world.draft()
        error = self._do(
            lambda desk: edit(WORKSPACE, "draft-1", **asked, desk=desk, quality_gate=self.world.gate, stationery=self.world.stationery),
            life,
            dead=dead,
        )
        now = self.world.draft()
        if now.revision != before.revision:
            assert (now.text.body, now.revised_by, before.revision) == (body, who, saw.revision)
        elif life is None:
            assert isinstance(error, Conflict | Rejected)
            assert before.state is not DraftState.PENDING or before.revision != saw.revision

    @rule(who=ACTORS, life=LIVES, dead=st.booleans())
    def somebody_asks_for_another_text(self, who: Any, life: Any, dead: bool) -> None:
        self._do(lambda desk: ask_anew(WORKSPACE, "draft-1", instruction="x", actor=who, trace_id="t", desk=desk), life, dead=dead)

    @rule(until=st.sampled_from(["tomorrow", "now"]), life=LIVES)
    def somebody_snoozes_it(self, until: str, life: Any) -> None:
        self._do(lambda desk: snooze(WORKSPACE, "draft-1", until=until, actor=MARIA, desk=desk), life)

    @precondition(lambda self: not self.quiet and self.number > 2)
    @rule(life=LIVES)
    def somebody_rejects_it(self, life: Any) -> None:
        self._do(lambda desk: reject(WORKSPACE, "draft-1", reason=RejectionReason.HANDLED, note="", actor=JO, desk=desk), life)

    @rule(who=ACTORS, life=LIVES)
    def somebody_undoes_an_approval(self, who: Any, life: Any) -> None:
        self._do(lambda desk: undo(WORKSPACE, "draft-1", actor=who, desk=desk), life)

    # Deliveries

    @precondition(lambda self: self.number)
    @rule(weather=WEATHER, life=LIVES)
    def the_draft_is_written(self, weather: str, life: Any) -> None:
        self.world.mailbox.weather = weather  # type: ignore[attr-defined]
        self._do(lambda desk: write_draft(work("draft-1"), desk=desk), life)

    @rule(life=LIVES, dead=st.booleans())
    def the_draft_is_written_anew(self, life: Any, dead: bool) -> None:
        self.number += 1
        writer = ScriptedAgent((a_draft_text(subject=f"Anew {self.number}"), ANEW))
        self._do(
            lambda desk: regenerate(
                work("draft-1"),
                trace_id="t",
                desk=desk,
                thread_reader=ScriptedAgent(),
                draft_writer=writer,
                quality_gate=self.world.gate,
                stationery=self.world.stationery,
            ),
            life,
            dead=dead,
        )

    @rule(seconds=st.sampled_from([1, 91]))
    def time_passes(self, seconds: int) -> None:
        self.world.later(seconds=seconds)

    # A person in Gmail

    @precondition(lambda self: not self.quiet and "r-1" in self.world.mailbox.drafts and self.number > 1)
    @rule(words=st.booleans())
    def a_person_saves_the_draft(self, words: bool) -> None:
        self.world.touch(**({"content_hash": f"words {self.number}"} if words else {"bare": False}))
        self.touched, self.meddled = self.world.mailbox.drafts["r-1"], True

    @precondition(lambda self: not self.quiet and "r-1" in self.world.mailbox.drafts and self.number > 1)
    @rule(sends=st.booleans())
    def a_person_sends_or_deletes_it(self, sends: bool) -> None:
        if sends:
            self.world.mailbox.send_by_hand("r-1")
        else:
            del self.world.mailbox.drafts["r-1"]
        self.touched, self.meddled = None, True

    @invariant()
    def what_a_person_touched_stands_as_they_left_it(self) -> None:
        if self.touched is not None:
            assert self.world.mailbox.drafts["r-1"] == self.touched

    @invariant()
    def our_own_writing_is_never_taken_for_a_persons(self) -> None:
        ended = (DraftState.EDITED_OUTSIDE, DraftState.DISCARDED, DraftState.SENT_BY_OPERATOR)
        assert self.meddled or self.world.draft().state not in ended

    @invariant()
    def gmail_never_holds_what_the_gate_refused(self) -> None:
        standing = self.world.mailbox.drafts.get("r-1")
        assert standing is None or SECRET not in standing[1].text.body

    @invariant()
    def no_revision_is_lost(self) -> None:
        kept = {one.number: one.text for one in self.world.store.everything(Revision)}
        now = self.world.draft()
        assert kept | {now.revision: now.text} == self.texts

    @invariant()
    def there_is_one_approval_at_a_time_and_only_of_an_approved_draft(self) -> None:
        given = [one for one in self.world.store.everything(Approval) if one.state is ApprovalState.GIVEN]
        draft = self.world.draft()
        assert len(given) <= 1
        assert not given or draft.state is DraftState.APPROVED
        assert draft.state is not DraftState.APPROVED or draft.decided_by is not None

    @invariant()
    def an_approval_is_of_the_text_that_stands_in_the_books(self) -> None:
        draft = self.world.draft()
        for one in self.world.store.everything(Approval):
            if one.state is ApprovalState.GIVEN:
                assert one.revision == draft.revision
                assert one.fingerprint == fingerprint_shown(draft, "Maria Costa")

    def teardown(self) -> None:
        """In fine weather, after any lease: what is owed is published, delivered, and Gmail says what ours says."""
        if not hasattr(self, "world"):
            return
        self.world.mailbox.weather = "fine"  # type: ignore[attr-defined]
        for _ in range(2):
            self.world.clock.advance(LEASE_FOR)
            assert self._do(lambda desk: write_draft(work("draft-1"), desk=desk), None) is None
        self.what_a_person_touched_stands_as_they_left_it()
        self.our_own_writing_is_never_taken_for_a_persons()
        draft, standing = self.world.draft(), self.world.mailbox.drafts.get("r-1")
        sends = [one for one in self.world.store.everything(Send) if one.approval_id.endswith(f"-{draft.approvals}")]
        passes = draft.verdict is not None and draft.verdict.outcome is not Outcome.FAIL
        if draft.state is DraftState.APPROVED and not sends and self.touched is None:
            assert standing is None or self.world.mailbox.composed(draft=standing[1]) == self.world.mailbox.composed(draft=draft)
            assert standing is None or self.world.approval.state is ApprovalState.USED
        if draft.state is DraftState.PENDING and passes and standing is not None and self.touched is None:
            assert standing[1].text == draft.text
        assert self.world.one(OpenDraft).lease is None or self.world.one(OpenDraft).lease.until <= self.world.clock.now()  # type: ignore[union-attr]
        owed = [one for one in (*self.world.owed, *self.world.outbox.flushed) if one.destination == Queue.WRITE_DRAFT]
        revised = [number for number, text in self.texts.items() if number > 1 and _verdict(text).outcome is not Outcome.FAIL]
        assert {f"draft-1-written-{number}" for number in revised} <= {one.id.rpartition("-")[0] for one in owed}


def _verdict(text: DraftText) -> Any:
    if SECRET in text.body:
        return a_verdict(outcome=Outcome.FAIL, violations=(a_violation(),))
    return a_verdict()


OnTheDesk.TestCase.settings = settings(max_examples=150, stateful_step_count=30)
TestOnTheDesk = OnTheDesk.TestCase

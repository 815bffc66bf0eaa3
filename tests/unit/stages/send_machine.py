"""Four approved drafts, a mailbox, and everything that can happen on the way out; the machine that tests walk at random.

What really left is what the mailbox in memory says. What must hold at the moment of a call is judged in that very moment.
"""

import base64
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.domain.approval import Approval, ApprovalState
from shared.domain.draft import DraftState
from shared.domain.guardrails import refusals
from shared.domain.heard import MailboxState
from shared.domain.outbox import Outgoing, Queue
from shared.domain.quotas import QuotaBook
from shared.domain.quotas import refusal as quota_refusal
from shared.domain.sends import COUNTED, SEND_TRANSITIONS, WAITING, Send, SendState, Touch
from shared.domain.suppression import Cause, Scope, Subject
from shared.domain.wire import place_of
from shared.domain.work import Work
from shared.ports.errors import Rejected, SalesAgentError
from shared.resilience import together
from shared.stages.chores.sweep import sweep
from shared.stages.deciding.case import Case, read_case
from shared.stages.sending.resolve_send import Word
from shared.stages.sending.send import send
from tests.builders import WORKSPACE, an_operator
from tests.fakes.mailbox import SENDING, Left
from tests.unit.stages.crashing import Death
from tests.unit.stages.trouble import WAYS, Plan, Trouble
from tests.unit.stages.wire import EVERYBODY, KINDS, MARIA, SendingWorld
from tests.unit.stages.world import JO

NUMBERS = st.integers(1, len(KINDS))
LATE = timedelta(minutes=4)
"""A call whose end nobody heard has its effect by then, if it ever has one: less than a lease."""
STANDING_FOR = {
    ApprovalState.GIVEN: {SendState.APPROVED, SendState.HELD, SendState.CLAIMED, SendState.PARKED},
    ApprovalState.USED: {SendState.SENT, SendState.SETTLED},
    ApprovalState.WITHDRAWN: {SendState.CANCELLED, SendState.FAILED, SendState.VOIDED},
}
TIGHT = {
    "workspace_per_day": 1,
    "workspace_per_week": 2,
    "mailbox_per_day": 1,
    "answers_per_mailbox_per_day": 2,
    "new_threads_per_contact_7_days": 1,
}

DECISIONS = ("kill", "mode", "opt-out", "guardrail", "allow-list", "quotas", "operator")

WHERE = st.one_of(
    st.tuples(st.integers(0, 32), st.just("")),
    st.tuples(st.integers(0, 2), st.sampled_from(["find_draft", "news", "send_draft", "bring_out", "sent_of", "commit", "read"])),
)
ways = st.one_of(st.none(), st.tuples(WHERE, st.sampled_from(WAYS), st.integers(0, 9), NUMBERS))


class Sends(RuleBasedStateMachine):
    """`bug`, if any, is sown before anything happens."""

    bug: Callable[[pytest.MonkeyPatch], None] | None = None
    maria = an_operator()
    rounds_to_the_end = 24

    def __init__(self) -> None:
        super().__init__()
        self.patches = pytest.MonkeyPatch()
        self.patches.setattr(
            together, "all_of", lambda calls: [call() for call in calls]
        )  # one after the other: a schedule repeats exactly
        if self.bug is not None:
            type(self).bug(self.patches)

    @initialize(gap_s=st.sampled_from([0, 20]), approved=st.lists(NUMBERS, min_size=1, unique=True), waits=st.booleans())
    def begin(self, gap_s: int, approved: list[int], waits: bool) -> None:
        self.trouble = Trouble()
        self.sends_world = SendingWorld(quotas=TIGHT, pace={"hold_s": 15, "gap_s": gap_s, "jitter_s": 10})
        self.sends_world.through = self.trouble.through
        self.at = self.sends_world
        self.at.staff(self.maria, JO)
        self.done: set[str] = set()
        self.wrote: list[tuple[int, str]] = []  # (when, who): the order in which people really wrote
        self.knew: dict[str, int] = {}  # approval → when it was given
        self.edited: dict[str, int] = {}  # Gmail draft → when the operator last saved it
        self.looked = 0
        self.turn = 0
        self.late_since: timedelta = timedelta(0)
        for number in range(1, len(KINDS) + 1):
            self.at.placed(number)
        self.at.mailbox.on_wire = self._judge_the_call
        self._watch_looks()
        self.at.sync()
        for number in approved:
            self.a_person_approves(number, None)
        self._pass(timedelta(seconds=30 if waits else 1))

    # The product at work
    @rule(number=NUMBERS, way=ways)
    def a_person_approves(self, number: int, way: Any) -> None:
        self.turn += 1
        before = {one.id for one in self.at.approvals()}
        self._attempt(lambda: self.at.approve(number), way)
        for one in self.at.approvals():
            if one.id not in before:
                self.knew[one.id] = self.turn

    @rule(number=NUMBERS, weather=st.sampled_from(SENDING), way=ways)
    def a_task_comes(self, number: int, weather: str, way: Any) -> None:
        """Of any round: its own, an old one, the same one twice."""
        if self.at.sends(number):
            self.at.mailbox.sending = weather
            self._attempt(lambda: self.at.deliver(number), way)
            self.at.mailbox.sending = "fine"

    @rule(seconds=st.sampled_from([20, 20, 60, 300, 3600]), weather=st.sampled_from(SENDING), way=ways)
    def what_is_due_comes(self, seconds: int, weather: str, way: Any) -> None:
        self._pass(timedelta(seconds=seconds))
        self.at.mailbox.sending = weather
        self._deliver_what_is_due(way)
        self.at.mailbox.sending = "fine"

    @rule(number=NUMBERS, resolves=st.booleans(), way=ways)
    def a_person_cancels_or_resolves(self, number: int, resolves: bool, way: Any) -> None:
        if self.at.sends(number):
            act = partial(self.at.resolve, number, self._truth(number)) if resolves else partial(self.at.cancel, number)
            self._attempt(act, way)

    @rule(chore=st.sampled_from(["sync", "tend", "sweep"]), way=ways)
    def a_chore_comes(self, chore: str, way: Any) -> None:
        swept = partial(sweep, store=self.at.store, outbox=self.at.outbox, clock=self.at.clock)
        self._attempt({"sync": self.at.sync, "tend": self.at.tend, "sweep": swept}[chore], way)

    @rule(dead=st.booleans())
    def publishing_breaks_or_heals(self, dead: bool) -> None:
        self.at.outbox.dead = dead

    # Those who decide, those who have the mailbox open, those who write to it
    @rule(number=NUMBERS, what=st.sampled_from(DECISIONS), on=st.booleans())
    def somebody_decides(self, number: int, what: str, on: bool) -> None:
        recipient = KINDS[number - 1].recipient
        others = tuple(one for one in EVERYBODY if one != recipient)
        if what == "kill":
            self.at.kill(on=on)
        elif what == "mode":
            self.at.set_rules(mode="SEND_ALLOWED" if on else "DRAFT_ONLY")
        elif what == "opt-out":
            subject = Subject(scope=Scope.ADDRESS, value=recipient)
            self.at.world.suppress(subject, Cause.OPT_OUT, by=MARIA)
        elif what == "guardrail":
            self.at.set_rules(guardrails={"excluded_companies": () if on else (recipient.partition("@")[2],)})
        elif what == "allow-list":
            self.at.set_rules(allowed_recipients=EVERYBODY if on else others)
        elif what == "operator":
            self.at.staff(JO, *((self.maria,) if on else ()))
        else:
            self.at.set_rules(quotas={**TIGHT, "answers_per_mailbox_per_day": number - 1, "workspace_per_day": int(on)})

    @rule(number=NUMBERS, what=st.sampled_from(["edits", "adds a copy", "sends", "deletes"]))
    def the_operator_acts(self, number: int, what: str) -> None:
        box = self.at.mailbox
        acts = {"edits": box.edit, "adds a copy": partial(box.edit, words=False), "sends": box.send_by_hand, "deletes": box.delete}
        self._by_hand(number, acts[what])

    @precondition(lambda self: self.at.mailbox.left)
    @rule()
    def the_operator_deletes_a_sent_mail(self) -> None:
        self.at.mailbox.forget_sent(self.at.mailbox.left[-1].mail.gmail_message_id)

    @rule(number=NUMBERS, in_thread=st.booleans(), automatic=st.booleans(), forgotten=st.booleans())
    def they_write(self, number: int, in_thread: bool, automatic: bool, forgotten: bool) -> None:
        self._they_write(number, in_thread=in_thread, automatic=automatic)
        if forgotten:
            self.at.mailbox.forget_history()

    @rule(seconds=st.sampled_from([5, 300, 8 * 3600, 25 * 3600]))
    def time_passes(self, seconds: int) -> None:
        self._pass(timedelta(seconds=seconds))

    @rule(seconds=st.sampled_from([-3600, -300, -20, 20, 300]))
    def our_clock_jumps(self, seconds: int) -> None:
        """No further than clocks differ. Forward, calls under way have their effect first: a lease would not wait for them."""
        skew = (self.at.clock.now() - self.at.gmail_clock.now()).total_seconds() + seconds
        if abs(skew) <= 3600:
            if seconds > 0:
                self.at.mailbox.arrive_late()
            self.at.clock.advance(timedelta(seconds=seconds))

    # What always holds
    @invariant()
    def no_mail_leaves_twice(self) -> None:
        """INV-1, and INV-3: whatever left by our call is what somebody had approved."""
        left = self._counted()
        assert len({one.mail.ours for one in left}) == len(left)
        approved = {base64.urlsafe_b64decode(one.raw) for one in self.at.approvals()}
        assert all(one.by_hand or self._approved_part(one.raw) in approved for one in left)

    @invariant()
    def every_approval_is_accounted_for(self) -> None:
        """INV-1 as an equation: each approval that may lead to a mail has its send, in a state that fits it, and counts where it should."""
        sends = {one.approval_id: one for one in self.at.store.everything(Send)}
        for approval in self.at.approvals():
            if approval.id in sends:
                assert sends[approval.id].state in STANDING_FOR[approval.state]
        given = [one for one in self.at.approvals() if one.id in sends]
        assert len(given) == len(sends) == sum(len(self._in(state)) for state in SendState)
        counted = {one.send_id for book in self.at.store.everything(QuotaBook) for one in book.reservations}
        assert counted <= {one.id for one in sends.values() if one.state in COUNTED}

    @invariant()
    def a_send_that_waits_owes_its_task(self) -> None:
        known = {one.id for one in (*self.at.outbox.flushed, *self.at.world.owed)}
        assert all(f"{one.id}-{one.round}" in known for one in self.at.store.everything(Send))

    @invariant()
    def what_ended_says_why(self) -> None:
        ended = {SendState.CANCELLED, SendState.FAILED, SendState.VOIDED, SendState.PARKED, SendState.HELD}
        assert all(one.reason for one in self.at.store.everything(Send) if one.state in ended)

    def teardown(self) -> None:
        """In fine weather, whatever is parked is resolved truthfully and everything ends; and what the ledger says is what happened."""
        try:
            if hasattr(self, "at"):
                self._come_to_an_end()
                self._compare_with_what_left()
        finally:
            self.patches.undo()

    def _come_to_an_end(self) -> None:
        self.trouble.begin(None)
        self.at.outbox.dead, self.at.mailbox.sending = False, "fine"
        self._pass(LATE)
        skew = self.at.gmail_clock.now() - self.at.clock.now()
        self.at.clock.advance(max(skew, timedelta(0)))
        self.at.kill(on=False)
        self.at.staff(self.maria)
        self.at.set_rules(quotas={"answers_per_mailbox_per_day": 9}, allowed_recipients=EVERYBODY)
        for step in range(self.rounds_to_the_end):
            for number in range(1, len(KINDS) + 1):
                if self.at.sends(number) and self.at.state(number) is SendState.PARKED:
                    self.at.resolve(number, self._truth(number))
            if all(SEND_TRANSITIONS.final(one.state) for one in self.at.store.everything(Send)):
                return
            self._pass(timedelta(minutes=10) if step < 12 else timedelta(hours=6))
            self.at.sync()
            self.at.tend()
            self._deliver_what_is_due(None)
        left_over = {one.id: (one.state, one.reason, one.due_at) for one in self.at.store.everything(Send) if one.state in WAITING}
        raise AssertionError(f"these never ended: {left_over}")

    def _compare_with_what_left(self) -> None:
        self.no_mail_leaves_twice()
        self.every_approval_is_accounted_for()
        ours = {self._approved_part(one.raw) for one in self.at.mailbox.left if not one.by_hand}
        gone_out = {one.mail.ours for one in self.at.mailbox.left}
        for one in self.at.store.everything(Send):
            raw = base64.urlsafe_b64decode(self._approval(one).raw)
            if one.state is SendState.SETTLED:
                assert one.draft_id in gone_out, "the ledger says it left, and it did not"
                assert self.at.world.draft(one.draft_id).state is DraftState.SENT
            else:
                others = [two for two in self.at.sends(int(one.draft_id.rpartition("_")[2])) if two.state is SendState.SETTLED]
                assert raw not in ours or others, f"the ledger says {one.state}, and it left"

    # What is judged at the moment of the call
    def _judge_the_call(self, gmail_draft_id: str, raw: bytes) -> None:
        """INV-2, INV-3 and INV-5, against the store as it is while the call is made."""
        store, at = self.at.store, self.at
        [draft_id] = [one for one in (f"draft_{n}" for n in range(1, len(KINDS) + 1)) if self._gmail_id(one) == gmail_draft_id]
        [entry] = [one for one in store.everything(Send) if one.draft_id == draft_id and one.state is SendState.CLAIMED]
        approval = self._approval(entry)
        case = read_case(WORKSPACE, draft_id, store=store, suppressions=at.world.suppressions)
        assert case.sender is not None, "sent in the name of somebody who was removed"
        assert entry.lease is not None
        assert entry.lease.until > at.clock.now(), "sent without a lease"
        assert (approval.state, case.draft.entity.state) == (ApprovalState.GIVEN, DraftState.APPROVED), "sent outside an approval"
        assert base64.urlsafe_b64decode(approval.raw) == self._approved_part(raw), "what leaves is not what was approved"
        self._judge_the_policy(entry, case)
        mailbox = store.get(MailboxState, workspace_id=WORKSPACE, id=entry.operator_id)
        assert mailbox is not None
        assert not mailbox.entity.trouble, "sent from a mailbox nobody listens to"
        found, _ = at.mailbox.drafts.get(gmail_draft_id, (None, None))
        ours = case.draft.entity.placement
        touched = found is not None and ours is not None and found.gmail_message_id != ours.gmail_message_id
        assert not (touched and self.edited.get(gmail_draft_id, self.turn) < self.looked), "sent over what the operator had made of it"
        heard = [when for when, who in self.wrote if who == entry.recipient and self.knew.get(approval.id, self.turn) <= when < self.looked]
        assert not heard, "sent although they had written"

    def _judge_the_policy(self, entry: Send, case: Case) -> None:
        rules = case.policy.rules
        assert not rules.kill_switch.on, "sent while the kill switch was on"
        assert rules.sends_for(entry.operator_id), "sent in DRAFT_ONLY"
        assert rules.allows_outside_production(entry.recipient), "sent outside production to somebody who is not on the list"
        assert not case.suppressed, "sent to somebody who is suppressed"
        assert not refusals(rules.guardrails, case.relationship, operator=case.operator), "sent past a guardrail"
        full = quota_refusal(
            rules.quotas, case.shelf.books, place=place_of(entry, at=self.at.clock.now()), zone=an_operator().hours.timezone
        )
        assert full is None, f"sent over a quota: {full}"
        books = case.shelf.books
        for book in (books.mailbox,) if entry.touch is Touch.ANSWER else (books.workspace, books.mailbox, books.contact):
            assert entry.id in {one.send_id for one in book.reservations}, "sent without a place in a quota"

    # How it is walked
    def _attempt(self, act: Callable[[], Any], way: Any) -> bool:
        """Whether it came to its end: not when it failed for now, or died."""
        self.turn += 1
        self.trouble.begin(self._plan(way))
        try:
            act()
        except Rejected:
            return True
        except (SalesAgentError, Death):
            return False
        finally:
            self.trouble.begin(None)
        return True

    def _plan(self, way: Any) -> Plan | None:
        if way is None:
            return None
        (at, name), how, what, number = way
        return Plan(at, how, self._somebody(what, number), name)

    def _somebody(self, what: int, number: int) -> Callable[[], None]:
        acts: list[Callable[[], Any]] = [
            lambda: self._by_hand(number, self.at.mailbox.edit),
            lambda: self._by_hand(number, self.at.mailbox.send_by_hand),
            lambda: self._by_hand(number, self.at.mailbox.delete),
            lambda: self._they_write(number, in_thread=bool(what % 2), automatic=False),
            lambda: self.at.deliver(number) if self.at.sends(number) else None,
            lambda: self.at.cancel(number) if self.at.sends(number) else None,
            self.at.sync,
            lambda: self.at.kill(on=True),
            lambda: self.at.set_rules(mode="DRAFT_ONLY"),
            lambda: self.at.set_rules(quotas={**TIGHT, "answers_per_mailbox_per_day": 0, "workspace_per_day": 0}),
        ]

        def act() -> None:
            try:
                acts[what]()
            except SalesAgentError:
                return

        return act

    def _deliver_what_is_due(self, way: Any) -> None:
        """As Cloud Tasks does: by its own clock, again and again until it is accepted."""
        now = self.at.gmail_clock.now()
        tasks: list[Outgoing] = [one for one in self.at.outbox.flushed if one.destination == Queue.SEND and one.id not in self.done]
        for task in tasks:
            if task.not_before is None or task.not_before <= now:
                work = Work.model_validate(task.payload)
                if self._attempt(lambda work=work: send(work, wire=self.at.wire()), way):  # type: ignore[misc]
                    self.done.add(task.id)

    def _they_write(self, number: int, *, in_thread: bool, automatic: bool) -> None:
        kind = KINDS[number - 1]
        self.at.mailbox.arrive(kind.recipient, thread_id=f"t-{number}" if in_thread and kind.in_thread else "", automatic=automatic)
        self.turn += 1
        if not automatic:
            self.wrote.append((self.turn, kind.recipient))

    def _by_hand(self, number: int, act: Callable[[str], Any]) -> None:
        if self.at.gmail_id(number) in self.at.mailbox.drafts:
            act(self.at.gmail_id(number))
            self.turn += 1
            self.edited[self.at.gmail_id(number)] = self.turn

    def _pass(self, by: timedelta) -> None:
        self.late_since = self.late_since + by if self.at.mailbox.is_late else timedelta(0)
        if self.late_since >= LATE or by >= LATE:
            self.at.mailbox.arrive_late()
        self.at.later(seconds=by.total_seconds())

    def _watch_looks(self) -> None:
        """When history was last read: whoever wrote before has been heard."""
        news, position = self.at.mailbox.news, self.at.mailbox.position

        def looked(read: Callable[..., Any]) -> Callable[..., Any]:
            def reading(**asked: Any) -> Any:
                self.turn += 1
                self.looked = self.turn
                return read(**asked)

            return reading

        self.at.mailbox.news = looked(news)  # type: ignore[method-assign]
        self.at.mailbox.position = looked(position)  # type: ignore[method-assign]

    def _counted(self) -> list[Left]:
        """The mails of which no two may be the same."""
        return self.at.mailbox.left

    def _approved_part(self, raw: bytes) -> bytes:
        return raw

    def _truth(self, number: int) -> Word:
        return Word.LEFT if f"draft_{number}" in {one.mail.ours for one in self.at.mailbox.left} else Word.NOT_LEFT

    def _gmail_id(self, draft_id: str) -> str:
        placement = self.at.world.draft(draft_id).placement
        return placement.gmail_draft_id if placement else ""

    def _approval(self, entry: Send) -> Approval:
        [found] = [one for one in self.at.approvals() if one.id == entry.approval_id]
        return found

    def _in(self, state: SendState) -> list[Send]:
        return [one for one in self.at.store.everything(Send) if one.state is state]

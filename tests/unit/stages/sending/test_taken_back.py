"""Whoever must not be written to any more: their open drafts end and what waits is taken back, whoever said so and whatever dies."""

from contextlib import suppress as suppress_error

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shared.domain.audit import AuditEntry
from shared.domain.draft import DraftState
from shared.domain.outbox import Outgoing, Queue
from shared.domain.sends import WAITING, SendState
from shared.domain.suppression import Cause, LiftReason, Scope, Subject, subject_from
from shared.domain.work import Work
from shared.ports.errors import NotFound, Rejected
from shared.stages.chores.sweep import sweep
from shared.stages.policy.suppression_lists import Upload, import_list
from shared.stages.policy.suppressions import Suppressions, Wish
from shared.stages.policy.wishes import heard_wish
from shared.stages.sending.stopping import OPEN, after_stop, is_stop
from tests.builders import WORKSPACE, a_company
from tests.unit.stages.crashing import Death, DyingStore
from tests.unit.stages.wire import KINDS, MARIA, SendingWorld

ANA, BOB = KINDS[0].recipient, KINDS[1].recipient


@pytest.fixture
def at() -> SendingWorld:
    """Ana's mail waits to leave, Bob's draft to be read."""
    return two_letters()


def two_letters() -> SendingWorld:
    world = SendingWorld(pace={"gap_s": 0, "jitter_s": 0})
    for number in (1, 2):
        world.placed(number)
    world.sync()
    world.approve(1)
    world.outbox.flushed.clear()
    return world


def suppress(at: SendingWorld, value: str, cause: Cause = Cause.MANUAL, *, scope: Scope | None = None, by: Suppressions | None = None):
    wish = Wish(subject_from(value, scope), cause, "console")
    return heard_wish(wish, workspace_id=WORKSPACE, by=MARIA, suppressions=by or at.world.suppressions, outbox=at.outbox)


def tend(at: SendingWorld) -> int:
    """What was published is done, each twice."""
    works = [Work.model_validate(one.payload) for one in at.outbox.flushed if one.destination == Queue.TEND_SENDS]
    at.outbox.flushed.clear()
    stops = [one for one in works if is_stop(one)]
    count = sum(after_stop(one, desk=at.desk()) for one in stops)
    assert sum(after_stop(one, desk=at.desk()) for one in stops) == 0
    return count


def states(at: SendingWorld) -> list[DraftState]:
    return [at.world.draft(f"draft_{number}").state for number in (1, 2)]


@pytest.mark.parametrize("cause", list(Cause))
def test_whatever_the_cause_what_waits_for_them_is_taken_back(at, cause):
    suppress(at, ANA, cause)
    suppress(at, BOB, cause)
    assert tend(at) == 2
    assert at.sends(1)[-1].state is SendState.VOIDED
    assert states(at) == [DraftState.REJECTED, DraftState.REJECTED]
    assert at.world.draft("draft_2").state_reason.startswith("suppressed: ")


@pytest.mark.parametrize(("value", "scope"), [("one.example", None), ("*@ONE.example.", None), ("901", Scope.COMPANY)])
def test_a_whole_domain_or_company_ends_the_drafts_of_everybody_there_and_nobody_elses(at, value, scope):
    run = at.world.run("run_1")
    identity = run.context.identity.model_copy(update={"company": a_company(id="901", domain="one.example")})
    at.world.put(run.model_copy(update={"context": run.context.model_copy(update={"identity": identity})}))
    suppress(at, value, scope=scope)
    assert tend(at) == 1
    assert states(at) == [DraftState.REJECTED, DraftState.PENDING]


def test_a_list_ends_what_waits_for_everybody_on_it_with_one_task_a_commit(at):
    upload = Upload(f"email\n{ANA}\n{BOB}\nnobody@else.example\n".encode(), "list.csv", Cause.IMPORT, dry_run=False)
    report = import_list(upload, workspace_id=WORKSPACE, by=MARIA, suppressions=at.world.suppressions, outbox=at.outbox, clock=at.clock)
    assert (len(report.added), len(at.outbox.flushed)) == (3, 1)
    assert tend(at) == 2
    assert states(at) == [DraftState.REJECTED, DraftState.REJECTED]


def test_a_dry_run_of_a_list_owes_nothing(at):
    upload = Upload(f"email\n{ANA}\n".encode(), "list.csv", Cause.IMPORT, dry_run=True)
    import_list(upload, workspace_id=WORKSPACE, by=MARIA, suppressions=at.world.suppressions, outbox=at.outbox, clock=at.clock)
    assert (at.outbox.flushed, at.store.everything(Outgoing)) == ([], [])


def test_what_was_lifted_before_anybody_looked_ends_nothing(at):
    suppress(at, BOB)
    at.world.suppressions.lift(subject_from(BOB), workspace_id=WORKSPACE, by=MARIA, reason=LiftReason.MISTAKE)
    assert tend(at) == 0
    assert states(at)[1] is DraftState.PENDING


def test_the_same_again_or_a_stronger_cause_owes_under_another_name_than_the_queue_has_seen(at):
    names = []
    for cause in (Cause.MANUAL, Cause.MANUAL, Cause.OPT_OUT, Cause.MANUAL):
        suppress(at, BOB, cause)
        names += [one.id for one in at.outbox.flushed]
        at.outbox.flushed.clear()
    assert (len(names), len(set(names))) == (2, 2)


def test_somebody_in_copy_ends_no_draft_that_is_meant_for_another(at):
    at.world.put(at.world.draft("draft_2").model_copy(update={"cc": ("boss@elsewhere.example",)}))
    suppress(at, "boss@elsewhere.example")
    assert tend(at) == 0


def test_a_draft_whose_run_is_gone_is_known_by_its_address(at):
    at.world.put(at.world.run("run_2").model_copy(update={"context": None}))
    suppress(at, BOB)
    assert tend(at) == 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("left", range(6))
def test_whatever_dies_between_the_suppression_and_its_end_everything_is_done_in_the_end(left, after):
    at = two_letters()
    dying = DyingStore(at.store, left=left, after=after)
    by = Suppressions(store=dying, secrets=at.world.secrets, clock=at.clock, audit=at.world.audit)
    try:
        suppress(at, BOB, by=by)
    except Death:
        at.outbox.flushed.clear()  # published by nobody
        suppressed = at.world.suppressions.about([subject_from(BOB)], workspace_id=WORKSPACE)
        assert bool(suppressed) == any(one.destination == Queue.TEND_SENDS for one in at.store.everything(Outgoing))
    suppress(at, BOB)
    at.later(minutes=5)
    sweep(store=at.store, outbox=at.outbox, clock=at.clock)
    tend(at)
    assert states(at)[1] is DraftState.REJECTED
    assert [one.action for one in at.store.everything(AuditEntry)].count("draft.rejected") == 1


class Stopping(RuleBasedStateMachine):
    """Added, lifted, approved, published late, twice or never, in any order. A queue takes each name once."""

    def __init__(self) -> None:
        super().__init__()
        self.at = two_letters()
        self.named: set[str] = set()
        self.works: list[Work] = []

    @rule(value=st.sampled_from([ANA, BOB, "one.example", "else.example"]), cause=st.sampled_from([Cause.MANUAL, Cause.OPT_OUT]))
    def somebody_suppresses(self, value: str, cause: Cause) -> None:
        self.at.later(seconds=0.001)
        suppress(self.at, value, cause)
        self._take()

    @rule(value=st.sampled_from([ANA, BOB, "one.example"]))
    def somebody_lifts(self, value: str) -> None:
        with suppress_error(NotFound, Rejected):
            self.at.world.suppressions.lift(subject_from(value), workspace_id=WORKSPACE, by=MARIA, reason=LiftReason.MISTAKE)

    @rule(number=st.sampled_from([1, 2]))
    def somebody_approves(self, number: int) -> None:
        with suppress_error(Rejected):
            self.at.approve(number)

    @rule(dead=st.booleans())
    def publishing_breaks_or_heals(self, dead: bool) -> None:
        self.at.outbox.dead = dead

    @rule(which=st.integers(0, 20), left=st.sampled_from([None, 0, 1, 2, 3, 5, 8]), after=st.booleans())
    def a_task_comes(self, which: int, left: int | None, after: bool) -> None:
        """Any, also one that came before; and its process may die."""
        if not self.works:
            return
        through, self.at.through = self.at.through, lambda name, port: DyingStore(port, left=left, after=after) if name == "store" else port
        try:
            after_stop(self.works[which % len(self.works)], desk=self.at.desk())
        except Death:
            pass
        finally:
            self.at.through = through

    def _take(self) -> None:
        for one in self.at.outbox.flushed:
            if one.destination == Queue.TEND_SENDS and one.id not in self.named:
                self.named.add(one.id)
                self.works.append(Work.model_validate(one.payload))
        self.at.outbox.flushed.clear()

    @invariant()
    def whoever_is_not_suppressed_and_never_was_loses_nothing(self) -> None:
        if not self.named and not any(one.destination == Queue.TEND_SENDS for one in self.at.store.everything(Outgoing)):
            assert all(one in OPEN for one in states(self.at))

    def teardown(self) -> None:
        """Everything owed is done once more by the sweep and the queue: nothing open is left for whoever is suppressed."""
        self.at.outbox.dead = False
        before = len(self.works)
        self.at.later(minutes=5)
        sweep(store=self.at.store, outbox=self.at.outbox, clock=self.at.clock)
        self._take()
        done = [self.works[-1]] if self.works and before == len(self.works) else self.works[before:]
        for one in done:
            after_stop(one, desk=self.at.desk())
        for number, recipient in ((1, ANA), (2, BOB)):
            self._is_ended_if_suppressed(number, recipient)

    def _is_ended_if_suppressed(self, number: int, recipient: str) -> None:
        subjects = [subject_from(recipient), Subject(scope=Scope.DOMAIN, value=recipient.partition("@")[2])]
        if self.at.world.suppressions.about(subjects, workspace_id=WORKSPACE):
            assert states(self.at)[number - 1] not in OPEN
            assert not any(one.state in WAITING for one in self.at.sends(number))


class TestStopping(Stopping.TestCase):  # type: ignore[misc, valid-type]
    settings = settings(max_examples=150, stateful_step_count=25, suppress_health_check=list(HealthCheck), deadline=None)

"""The ports of a stage, in memory, on a Monday morning that moves only when told to; used by the tests of stages."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from shared.domain.audit import Actor
from shared.domain.draft import Draft
from shared.domain.entity import Entity
from shared.domain.hints import Hint
from shared.domain.ids import OperatorId
from shared.domain.outbox import Outgoing
from shared.domain.run import Run, RunState
from shared.domain.suppression import Cause, Subject, Suppression
from shared.domain.work import Work
from shared.ports.store import Put
from shared.stages.audit.trail import AuditTrail
from shared.stages.drafting.stationery import Stationery
from shared.stages.policy.suppressions import Suppressions, Wish, secret_of
from shared.stages.policy.wishes import heard_wish
from tests.builders import MONDAY, WORKSPACE, a_context, a_draft, a_plan, a_run, a_verdict, a_workspace, an_operator
from tests.fakes.clock import CountingIds, FixedClock
from tests.fakes.links import MemoryLinks
from tests.fakes.outbox import RecordingOutbox
from tests.fakes.secrets import MemorySecrets
from tests.fakes.store import MemoryStore

E = TypeVar("E", bound=Entity)

SUPPRESSION_KEY = "1:" + "k" * 32
JO = an_operator(id=OperatorId("jo"), name="Jo Brandt", email="jo@northwind.example", hubspot_owner_id="702", signature="", aliases=())


@dataclass(frozen=True)
class Surroundings:
    """Of the settings, what a desk asks for."""

    environment: str


class StageWorld:
    """Store, outbox and clock; `put` writes anything, `one` reads the only document of a kind."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.outbox = RecordingOutbox(self.store)
        self.clock = FixedClock(MONDAY)
        self.ids = CountingIds()
        self.secrets = MemorySecrets(**{secret_of(WORKSPACE): SUPPRESSION_KEY})
        self.audit = AuditTrail(store=self.store, clock=self.clock, ids=self.ids)
        self.suppressions = Suppressions(store=self.store, secrets=self.secrets, clock=self.clock, audit=self.audit)
        self.links = MemoryLinks()
        self.stationery = Stationery(links=self.links)
        self.workspace = a_workspace(operators=(an_operator(), JO))
        self.store.save_workspace(workspace=self.workspace)

    def suppress(self, subject: Subject, cause: Cause, *, by: Actor) -> Suppression:
        wish = Wish(subject, cause)
        return heard_wish(wish, workspace_id=WORKSPACE, by=by, suppressions=self.suppressions, outbox=self.outbox).standing

    def put(self, *entities: Entity) -> None:
        for one in entities:
            self.store.commit(Put(one))

    def one(self, kind: type[E]) -> E:
        [found] = self.store.everything(kind)
        return found

    def draft(self, id: str = "draft-1") -> Draft:
        found = self.store.get(Draft, workspace_id=WORKSPACE, id=id)
        assert found is not None
        return found.entity

    def run(self, id: str = "run_1") -> Run:
        found = self.store.get(Run, workspace_id=WORKSPACE, id=id)
        assert found is not None
        return found.entity

    def later(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))

    @property
    def owed(self) -> list[Outgoing]:
        """What is stored and not yet published."""
        return list(self.store.everything(Outgoing))

    @property
    def hints(self) -> list[Hint]:
        return list(self.store.everything(Hint))


def work(id: str = "run_1") -> Work:
    return Work(workspace_id=WORKSPACE, id=id)


def a_planned_run(**changes: Any) -> Run:
    return a_run(**{"state": RunState.PLANNED, "context": a_context(), "plan": a_plan(), **changes})


def a_drafted_run(**changes: Any) -> Run:
    return a_planned_run(**{"state": RunState.DRAFTED, "draft_id": "draft-1", **changes})


def a_gated_run(**changes: Any) -> Run:
    return a_drafted_run(**{"state": RunState.GATED, **changes})


def a_judged_draft(**changes: Any) -> Draft:
    return a_draft(**{"verdict": a_verdict(), **changes})

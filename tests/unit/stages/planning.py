"""The plan stage with every agent scripted; used by its tests."""

from typing import Any

from shared.domain.hints import Hint
from shared.domain.run import Run
from shared.stages.drafting.plan import Researchers, plan
from tests.builders import a_hint, a_job, a_plan, an_identity
from tests.fakes.agents import ScriptedAgent
from tests.unit.stages.world import StageWorld, work


class Planning:
    """A world with every agent scripted."""

    def __init__(self, world: StageWorld) -> None:
        self.world = world
        self.trigger: Any = ScriptedAgent((a_job(),))
        self.identity, self.reader, self.memory = ScriptedAgent(an_identity()), ScriptedAgent(), ScriptedAgent(())
        self.hunter, self.slots, self.planner = ScriptedAgent(()), ScriptedAgent(()), ScriptedAgent(a_plan())
        world.put(a_hint())

    def __call__(self, hint: str = "hint-1") -> None:
        found = Researchers(
            identity_resolver=self.identity,
            thread_reader=self.reader,
            long_memory=self.memory,
            asset_hunter=self.hunter,
            meeting_slot=self.slots,
        )
        ports = {"store": self.world.store, "outbox": self.world.outbox, "clock": self.world.clock}
        plan(work(hint), trigger=self.trigger, researchers=found, planner=self.planner, **ports)

    @property
    def run(self) -> Run:
        return self.world.one(Run)

    def hint(self, id: str = "hint-1") -> Hint:
        return next(one for one in self.world.hints if one.id == id)

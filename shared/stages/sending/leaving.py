"""One send on its way, and what sending needs: shared by the stages that send, postpone and end sends."""

from dataclasses import dataclass

from shared.domain.approval import Approval
from shared.domain.sends import Send
from shared.ports.clock import Clock, Ids
from shared.ports.store import Snapshot, Store
from shared.ports.ways_out import WaysOut
from shared.stages.deciding.case import Case
from shared.stages.deciding.desk import Desk


@dataclass(frozen=True)
class Wire:
    """What sending needs."""

    desk: Desk
    ids: Ids
    ways_out: WaysOut

    @property
    def store(self) -> Store:
        return self.desk.store

    @property
    def clock(self) -> Clock:
        return self.desk.clock


@dataclass(frozen=True)
class Leaving:
    """One send on its way, with everything it rests on."""

    send: Snapshot[Send]
    approval: Snapshot[Approval]
    case: Case

"""Somebody connects accounts, in memory; used by the tests of this folder."""

from shared.domain.audit import Actor, ActorKind
from shared.domain.connections import Connection, Target, google_target, hubspot_target
from shared.stages.connecting.consenting import Begun, Returned, begin, finish
from shared.stages.connecting.linking import PARTS, Linking
from tests.builders import OPERATOR
from tests.fakes.consents import MemoryConsents, MemoryDelegations, MemorySafe
from tests.unit.stages.world import StageWorld

MARIA = Actor(kind=ActorKind.PERSON, id=OPERATOR)
JO = Actor(kind=ActorKind.PERSON, id="jo")
BACK_TO = "https://us.example/console/connect/back"


class ConnectingWorld(StageWorld):
    """`maria` is her mailbox, `portal` the workspace's."""

    def __init__(self) -> None:
        super().__init__()
        self.maria, self.portal = google_target(self.workspace.operators[0]), hubspot_target(self.workspace)
        self.google, self.hubspot = MemoryConsents("maria@northwind.example"), MemoryConsents("4242")
        self.delegations = MemoryDelegations()
        self.safe = MemorySafe(self.secrets, self.maria.secret, self.portal.secret)
        self.linking = Linking(
            store=self.store,
            outbox=self.outbox,
            clock=self.clock,
            ids=self.ids,
            safe=self.safe,
            audit=self.audit,
            google_consents=self.google,
            hubspot_consents=self.hubspot,
            delegations=self.delegations,
        )

    def begin(self, target: Target | None = None, *, by: Actor = MARIA, browser: str = "") -> Begun:
        target = target or self.maria
        return begin(self.workspace, target, PARTS[target.service], by=by, back_to=BACK_TO, browser=browser, linking=self.linking)

    def finish(self, begun: Begun, *, code: str = "code-1", by: Actor = MARIA, browser: str | None = None, error: str = "") -> Connection:
        back = Returned(begun.address.partition("state=")[2], code, error, begun.browser if browser is None else browser)
        return finish(self.workspace, back, by=by, linking=self.linking)

    def connect(self, target: Target | None = None, *, code: str = "code-1") -> Connection:
        return self.finish(self.begin(target), code=code)

"""What the stages of this room work with, whom they let connect what, and which account they mean. Used by the console, the API and sdr."""

from collections.abc import Sequence

from shared.domain.connections import Connection, Part, Service, Target, targets_of
from shared.domain.ids import OperatorId, WorkspaceId
from shared.domain.roles import Role
from shared.domain.workspace import Workspace
from shared.ports.bus import Outbox
from shared.ports.clock import Clock, Ids
from shared.ports.consents import Consents, ConsentsOf, Delegations
from shared.ports.errors import NotFound, Rejected
from shared.ports.secrets import SecretSafe
from shared.ports.store import Snapshot, Store
from shared.stages.audit.trail import AuditTrail

PARTS = {Service.GOOGLE: (Part.MAILBOX, Part.CALENDAR, Part.DRIVE), Service.HUBSPOT: (Part.CRM,)}
NEEDED = {Service.GOOGLE: Part.MAILBOX, Service.HUBSPOT: Part.CRM}
"""Without this one there is nothing to connect."""


class Linking:
    """The ports of this room."""

    def __init__(
        self,
        *,
        store: Store,
        outbox: Outbox,
        clock: Clock,
        ids: Ids,
        safe: SecretSafe,
        audit: AuditTrail,
        google_consents: Consents,
        hubspot_consents: Consents,
        delegations: Delegations,
    ) -> None:
        self.store, self.outbox, self.clock, self.ids, self.safe, self.audit = store, outbox, clock, ids, safe, audit
        self.delegations = delegations
        self._consents: ConsentsOf = {Service.GOOGLE: google_consents, Service.HUBSPOT: hubspot_consents}

    def consents(self, target: Target) -> Consents:
        return self._consents[target.service]

    def seen(self, target: Target, workspace_id: WorkspaceId) -> Snapshot[Connection] | None:
        return self.store.get(Connection, workspace_id=workspace_id, id=target.id)


def target_of(workspace: Workspace, id: str) -> Target:
    """Raises NotFound."""
    found = next((one for one in targets_of(workspace) if one.id == id), None)
    if found is None:
        raise NotFound("there is nothing of this name to connect")
    return found


def may_connect(target: Target, *, by: OperatorId, role: Role) -> bool:
    """Their own account is every operator's to connect; the portal and others' accounts are an administrator's."""
    return role.includes(Role.ADMIN) or (role.includes(Role.OPERATOR) and bool(by) and target.operator_id == by)


def check_may_connect(target: Target, *, by: OperatorId, role: Role) -> None:
    """Rejected with 403."""
    if not may_connect(target, by=by, role=role):
        raise Rejected("only an administrator may connect or disconnect this; everybody their own mailbox", status=403)


def parts_wanted(target: Target, given: Sequence[str]) -> tuple[Part, ...]:
    """Of what this service opens, what was chosen; what the product cannot do without is always among it."""
    return tuple(one for one in PARTS[target.service] if one.value in given or one is NEEDED[target.service])

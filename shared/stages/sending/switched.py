"""After the kill switch was turned: people are told, and on its release what it held is called at once. Called by tend_sends."""

from collections.abc import Iterator

from shared.domain.ids import WorkspaceId
from shared.domain.policy import CURRENT, TURN, Policy, PolicyVersion
from shared.domain.sends import Send, SendState
from shared.domain.wire import KILLED
from shared.domain.work import Work
from shared.ports.alerts import Alert, AlertKind, Alerts
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.errors import NotFound
from shared.ports.store import Key, Snapshot, Store
from shared.stages.policy.in_force import policy_of
from shared.stages.sending.tend_sends import call_again, sends_in


def is_turn(work: Work) -> bool:
    return work.id.startswith(TURN)


def after_turn(work: Work, *, store: Store, outbox: Outbox, clock: Clock, alerts: Alerts) -> int:
    """How many sends were called. `work.id` names the version of the policy that turned it. Safe to repeat."""
    id = work.id.removeprefix(TURN)
    turned, now = store.read(Key(PolicyVersion, work.workspace_id, id), Key(Policy, work.workspace_id, CURRENT))
    if turned is None:
        raise NotFound(f"policy version {id} does not exist")
    raised = turned.entity.policy.rules.kill_switch.on
    kind = AlertKind.KILLED if raised else AlertKind.RELEASED
    alerts.tell(alert=Alert(kind=kind, workspace_id=work.workspace_id, about=id, at=turned.entity.at))
    if raised or policy_of(now, work.workspace_id).rules.kill_switch.on:  # raised again meanwhile
        return 0
    return call_again(_held_by_it(work.workspace_id, store, clock), store=store, outbox=outbox, clock=clock)


def _held_by_it(workspace_id: WorkspaceId, store: Store, clock: Clock) -> Iterator[Snapshot[Send]]:
    """Not those that an earlier delivery has called."""
    for one in sends_in(SendState.HELD, workspace_id, store=store):
        if one.entity.reason == KILLED and one.entity.due_at > clock.now():
            yield one

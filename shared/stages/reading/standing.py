"""How the workspace stands: its mailboxes, what waits for somebody, and what it depends on. Called by the API."""

from collections.abc import Mapping
from datetime import datetime

from shared.domain.agent_run import AgentRun
from shared.domain.assets import INDEX_ID, DriveIndex
from shared.domain.canary_fate import LATEST, Canary
from shared.domain.circuit import INSTALLATION, Circuit, CircuitState
from shared.domain.dead_letter import DeadLetter, DeadLetterState
from shared.domain.draft import Draft, DraftState
from shared.domain.entity import Entity
from shared.domain.heard import MailboxState
from shared.domain.ids import WorkspaceId
from shared.domain.pauses import Pause
from shared.domain.policy import CURRENT, Policy
from shared.domain.polling import FORMS, FormPolls
from shared.domain.sends import Send, SendState
from shared.domain.wire import LISTENING
from shared.domain.work import NOBODYS
from shared.domain.workspace import Workspace
from shared.ports.clock import Clock
from shared.ports.errors import NotFound
from shared.ports.store import Key, Store
from shared.resilience.together import all_of, together
from shared.stages.policy.in_force import policy_of

MOST = 100
ANSWERING: Mapping[str, tuple[str, ...]] = {"hubspot": ("hubspot-search",), "gmail": (), "calendar": (), "drive": (), "openai": ()}
"""What a workspace depends on, with further circuits of the same vendor."""
Standing = Mapping[str, object]


def mailboxes(*, workspace_id: WorkspaceId, store: Store, clock: Clock) -> list[Standing]:
    """One for each operator, in the workspace's order."""
    workspace = store.workspace(workspace_id=workspace_id)
    found = store.get_many(MailboxState, workspace_id=workspace_id, ids=[one.id for one in workspace.operators])
    states = {id: one.entity for id, one in found.items()}
    return [
        {"operator_id": one.id, "operator": one.name, "address": one.email, **_listening(states.get(one.id), clock.now())}
        for one in workspace.operators
    ]


def _listening(state: MailboxState | None, now: datetime) -> Standing:
    if state is None:
        return {"listening": False, "read_at": None, "trouble": "it was never read", "trouble_at": None, "resyncs": 0}
    told = state.model_dump(mode="json", include={"read_at", "trouble", "trouble_at", "resyncs"})
    return {"listening": not state.trouble and now - state.read_at <= LISTENING, **told}


def status(*, workspace_id: WorkspaceId, store: Store, clock: Clock) -> Standing:
    """In three waits, the counts at the same time."""
    keys = (Key(Workspace, workspace_id, workspace_id), Key(Policy, workspace_id, CURRENT), Key(FormPolls, workspace_id, FORMS))
    (workspace, policy, polls, canary), boxes, counts = together(
        lambda: store.read(*keys, Key(Canary, workspace_id, LATEST)),
        lambda: mailboxes(workspace_id=workspace_id, store=store, clock=clock),
        lambda: _counts(workspace_id, store),
    )
    if workspace is None:
        raise NotFound(f"workspace {workspace_id} does not exist")
    rules = policy_of(policy, workspace_id)
    return {
        "workspace": workspace.entity.name,
        "mode": rules.rules.mode,
        "kill_switch": rules.rules.kill_switch.on,
        "policy_version": rules.version,
        **counts,
        "mailboxes": len(boxes),
        "mailboxes_listening": sum(bool(one["listening"]) for one in boxes),
        "forms_polled_at": _moment(polls.entity.polled_at if polls else None),
        "forms_trouble": polls.entity.trouble if polls else "",
        "canary_sent_at": _moment(canary.entity.sent_at if canary else None),
        "canary_passed_at": _moment(canary.entity.passed_at if canary else None),
        "canary_alarm": canary.entity.alarm if canary else "",
    }


def _counts(workspace_id: WorkspaceId, store: Store) -> Mapping[str, int]:
    def counted(kind: type[Entity], **where: object) -> int:
        return len(store.list(kind, workspace_id=workspace_id, where=where, limit=MOST))

    waiting = (SendState.APPROVED, SendState.HELD)
    pending, held, parked, paused, dead = all_of(
        [
            lambda: counted(Draft, state=DraftState.PENDING.value, synthetic=False),
            lambda: sum(counted(Send, state=one.value) for one in waiting),
            lambda: counted(Send, state=SendState.PARKED.value),
            lambda: counted(Pause),
            lambda: counted(DeadLetter, state=DeadLetterState.OPEN.value),
        ]
    )
    return {
        "drafts_pending": pending,
        "sends_waiting": min(held, MOST),
        "sends_parked": parked,
        "runs_paused": paused,
        "dead_letters_open": dead,
    }


def dependencies(*, workspace_id: WorkspaceId, store: Store) -> list[Standing]:
    """The circuits that instances share, and the newest proof that each vendor answers. Nobody is called for this."""
    circuits, proofs = together(lambda: _circuits(workspace_id, store), lambda: _proofs(workspace_id, store))
    return [_dependency(name, [circuits.get(one) for one in (name, *more)], proofs.get(name)) for name, more in ANSWERING.items()]


def _circuits(workspace_id: WorkspaceId, store: Store) -> Mapping[str, Circuit]:
    ours, everybodys = together(
        lambda: store.list(Circuit, workspace_id=workspace_id, limit=MOST), lambda: store.read(Key(Circuit, INSTALLATION, "openai"))
    )
    return {one.entity.id: one.entity for one in (*ours, *filter(None, everybodys))}


def _proofs(workspace_id: WorkspaceId, store: Store) -> Mapping[str, datetime | None]:
    mail, calls, (polls, index) = together(
        lambda: store.list(MailboxState, workspace_id=workspace_id, newest_by="read_at", limit=1),
        lambda: store.list(AgentRun, workspace_id=workspace_id, where={"outcome": "ok"}, newest_by="at", limit=1),
        lambda: store.read(Key(FormPolls, workspace_id, FORMS), Key(DriveIndex, workspace_id, INDEX_ID)),
    )
    return {
        "hubspot": polls.entity.polled_at if polls else None,
        "gmail": mail[0].entity.read_at if mail else None,
        "drive": index.entity.complete_at if index else None,
        "openai": calls[0].entity.at if calls else None,
    }


def _dependency(name: str, circuits: list[Circuit | None], proof: datetime | None) -> Standing:
    """As open as the worst of its circuits."""
    known = sorted((one for one in circuits if one), key=lambda one: one.state is CircuitState.CLOSED)
    worst = known[0] if known else None
    return {
        "name": name,
        "state": worst.state if worst else CircuitState.CLOSED,
        "since": _moment(worst.changed_at if worst else None),
        "reason": worst.reason if worst else "",
        "last_success": _moment(proof),
    }


def reachable(*, store: Store) -> None:
    """Transient when the store does not answer."""
    store.read(Key(Circuit, NOBODYS, "ready"))


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None

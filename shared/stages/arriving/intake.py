"""Intake: hints are stored together with what they owe before they are acknowledged. Called by form_webhook, poll_forms and imports."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.canary import recognised
from shared.domain.hints import Hint, Ignored, Parsed, ParsedHint
from shared.domain.ids import HintId, TraceId, WorkspaceId, derived_id
from shared.domain.outbox import Channel, Outgoing, Topic
from shared.domain.tokens import token_digest
from shared.domain.workspace import HookRoute, PortalRoute
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.errors import Conflict, Rejected, Transient
from shared.ports.store import Create, Store, Write

CONTENDERS = 4
"""How often a batch is tried again without what others have stored meanwhile."""
Beside = Callable[[Sequence[Hint]], Sequence[Write]]


@dataclass(frozen=True)
class Receipt:
    """`run_ids` are handles: the API answers for them with the run their submission belongs to."""

    run_ids: tuple[str, ...]
    ignored: tuple[Ignored, ...]


def receive(parsed: Parsed, *, hook_token: str, trace_id: str, store: Store, outbox: Outbox, clock: Clock) -> Receipt:
    """Store each hint once; those of portals nobody has connected are ignored. Rejected (404) when the hook token is unknown."""
    now = clock.now()
    routes = _routes(parsed.hints, hook_token=hook_token, store=store)
    hints: list[Hint] = []
    ignored, where = list(parsed.ignored), " to this address" if hook_token else ""
    for index, announced in enumerate(parsed.hints):
        workspace_id = routes[announced.portal_id]
        if workspace_id is None:
            ignored.append(Ignored(index=index, reason=f"portal {announced.portal_id} is not connected{where}"))
        else:
            hints.append(hint_of(recognised(announced), workspace_id=workspace_id, trace_id=TraceId(trace_id), now=now))
    outbox.flush(entries=store_new(hints, owing=Topic.LEAD_RECEIVED, store=store))
    return Receipt(run_ids=tuple(dict.fromkeys(one.id for one in hints)), ignored=tuple(ignored))


def _routes(hints: Sequence[ParsedHint], *, hook_token: str, store: Store) -> dict[str, WorkspaceId | None]:
    """Portal → workspace. A hook token speaks for a body without a portal, and for no workspace but its own."""
    portals = dict.fromkeys(one.portal_id for one in hints)
    if not hook_token and "" in portals:
        raise Rejected("portalId: missing, and the address carries no hook token", field="portalId")
    hook = store.route(HookRoute, id=token_digest(hook_token)) if hook_token else None
    if hook_token and hook is None:
        raise Rejected("this webhook address is not known", field="path", status=404)
    return {portal: _workspace(portal, hook, store=store) for portal in portals}


def _workspace(portal_id: str, hook: HookRoute | None, *, store: Store) -> WorkspaceId | None:
    route = store.route(PortalRoute, id=portal_id) if portal_id else hook
    if route is None or (hook is not None and hook.workspace_id != route.workspace_id):
        return None
    return route.workspace_id


def hint_of(announced: ParsedHint, *, workspace_id: WorkspaceId, trace_id: TraceId, now: datetime) -> Hint:
    return Hint(
        id=_hint_id(announced, workspace_id),
        workspace_id=workspace_id,
        announced=announced,
        received_at=now,
        trace_id=trace_id,
    )


def _hint_id(announced: ParsedHint, workspace_id: WorkspaceId) -> HintId:
    """The same announcement delivered again is the same hint."""
    told = (announced.contact_id, announced.email.lower(), announced.form_id, announced.event_key)
    moments = (_moment(announced.submitted_at), _moment(announced.occurred_at))
    return HintId("evt_" + derived_id("hint", workspace_id, announced.source, announced.portal_id, *told, *moments)[:26])


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def store_new(hints: Iterable[Hint], *, owing: Topic, store: Store, beside: Beside | None = None) -> list[Outgoing]:
    """What the hints that were not stored before owe. One round trip, unless some of them came before.

    `beside` is told which, and its writes are committed with them. Transient when it is they that fail.
    """
    new = {hint.id: hint for hint in hints}
    for _ in range(CONTENDERS):
        owed = [_owed(hint, owing) for hint in new.values()]
        writes = [*(Create(hint) for hint in new.values()), *(Create(one) for one in owed), *(beside(list(new.values())) if beside else ())]
        try:
            if writes:
                store.commit(*writes)
            return owed
        except Conflict:
            known = _stored(new.values(), store=store)
            new = {id: hint for id, hint in new.items() if id not in known}
    raise Transient("the same events are being stored by others")


def _stored(hints: Iterable[Hint], *, store: Store) -> set[str]:
    by_workspace: dict[WorkspaceId, list[str]] = defaultdict(list)
    for hint in hints:
        by_workspace[hint.workspace_id].append(hint.id)
    return {id for workspace_id, ids in by_workspace.items() for id in store.get_many(Hint, workspace_id=workspace_id, ids=ids)}


def _owed(hint: Hint, topic: Topic) -> Outgoing:
    return Outgoing(
        id=f"{hint.id}-received",
        workspace_id=hint.workspace_id,
        channel=Channel.EVENT,
        destination=topic.value,
        payload={"workspace_id": hint.workspace_id, "id": hint.id},
        trace_id=hint.trace_id,
        created_at=hint.received_at,
    )

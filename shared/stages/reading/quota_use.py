"""How much of every quota is used, and when it resets. Called by the API."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from shared.domain.ids import WorkspaceId
from shared.domain.policy import CURRENT, Policy
from shared.domain.quotas import (
    WORKSPACE_BOOK,
    QuotaBook,
    QuotaUse,
    contact_book,
    contact_uses,
    mailbox_book,
    mailbox_uses,
    workspace_uses,
)
from shared.domain.suppression import Scope, Subject, usable
from shared.domain.workspace import Operator
from shared.ports.clock import Clock
from shared.ports.errors import Rejected
from shared.ports.store import Key, Snapshot, Store
from shared.stages.policy.in_force import policy_of


def quota_use(*, workspace_id: WorkspaceId, store: Store, clock: Clock, contact: str = "") -> list[Mapping[str, object]]:
    """Every limit of the workspace and its mailboxes, and of one contact when they are named. Days are the sender's."""
    if contact and not usable(Subject(scope=Scope.ADDRESS, value=contact)):
        raise Rejected("contact: should be an address like name@company.com", field="contact")
    workspace = store.workspace(workspace_id=workspace_id)
    operators = workspace.operators
    ids = [WORKSPACE_BOOK, *(mailbox_book(one.id) for one in operators), *([contact_book(workspace_id, contact)] if contact else [])]
    policy, *found = store.read(Key(Policy, workspace_id, CURRENT), *(Key(QuotaBook, workspace_id, id) for id in ids))
    quotas, now = policy_of(policy, workspace_id).rules.quotas, clock.now()
    books = [_opened(one, id, workspace_id) for one, id in zip(found, ids, strict=True)]
    zone = workspace.operator(workspace.default_operator).hours.timezone
    lines = _lines("workspace", workspace.name, zone, workspace_uses(quotas, books[0], now=now, zone=ZoneInfo(zone)))
    for operator, book in zip(operators, books[1:], strict=False):
        lines += _mailbox_lines(operator, mailbox_uses(quotas, book, now=now, zone=ZoneInfo(operator.hours.timezone)))
    return lines + (_lines("contact", contact, zone, contact_uses(quotas, books[-1], now=now)) if contact else [])


def _opened(found: Snapshot[QuotaBook] | None, id: str, workspace_id: WorkspaceId) -> QuotaBook:
    return found.entity if found else QuotaBook(id=id, workspace_id=workspace_id)


def _mailbox_lines(operator: Operator, uses: Iterable[QuotaUse]) -> list[Mapping[str, object]]:
    return _lines("mailbox", operator.email, operator.hours.timezone, uses)


def _lines(of: str, name: str, zone: str, uses: Iterable[QuotaUse]) -> list[Mapping[str, object]]:
    return [
        {
            "of": of,
            "whose": name,
            "limit": one.limit,
            "told": one.name,
            "allowed": one.allowed,
            "used": one.used,
            "resets_at": one.resets_at.isoformat() if one.resets_at else None,
            "zone": zone,
        }
        for one in uses
    ]

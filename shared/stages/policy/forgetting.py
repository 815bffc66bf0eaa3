"""Forgetting a person: what was remembered of their mails goes, their name in our lists goes, and that they must not be written to stays.

Called by the API.
"""

from dataclasses import dataclass

from shared.domain.audit import Actor
from shared.domain.conversation import Remembered, circle_of
from shared.domain.erasure import EraseReason
from shared.domain.ids import WorkspaceId
from shared.domain.people import mail_domain
from shared.domain.suppression import Cause, Scope, Subject, usable
from shared.ports.errors import Rejected
from shared.ports.store import Remove, Store
from shared.resilience.contest import until_undisputed
from shared.stages.audit.trail import AuditTrail, Noted, forget_salt
from shared.stages.policy.suppressions import Suppressions

PAGE = 100
ASKED = "erasure"


@dataclass(frozen=True)
class Forgotten:
    """`pieces` of mails were removed; `suppressions` have lost their clear text and go on blocking."""

    pieces: int
    suppressions: int


def forget_person(
    address: str, *, workspace_id: WorkspaceId, by: Actor, reason: EraseReason, store: Store, suppressions: Suppressions, audit: AuditTrail
) -> Forgotten:
    """Suppressed first, so that nothing brings them back; then the mails, the clear text, and what lets the log tell who it was.

    Safe to repeat: what a crash leaves, the next call removes. The entry in the log names nobody.
    """
    subject = Subject(scope=Scope.ADDRESS, value=address)
    if not usable(subject):
        raise Rejected("address: should be an address like name@company.com", field="address")
    standing = suppressions.add(subject, workspace_id=workspace_id, cause=Cause.OPT_OUT, by=by, source=ASKED)
    pieces = forget_mails(workspace_id=workspace_id, address=address, store=store)

    def erase() -> int:
        emptied = suppressions.erasure(address, workspace_id=workspace_id)
        told = Noted(action="person.forgotten", reason=reason, evidence=(standing.id, f"pieces:{pieces}"))
        store.commit(*emptied, *forget_salt(workspace_id, address), *audit.writes(told, by=by, workspace_id=workspace_id))
        return len(emptied)

    return Forgotten(pieces, until_undisputed(erase))


def forget_mails(*, workspace_id: WorkspaceId, address: str, store: Store) -> int:
    """How many pieces of mails were removed: all of mails from or to this address, colleagues' shares in them included.

    Nothing keeps a later recall from remembering them anew while they stand in a mailbox: `forget_person`
    suppresses them first, so that nobody recalls them any more.
    """
    someone = address.strip().lower()
    circles = dict.fromkeys((circle_of(someone, own_domain=""), circle_of(someone, own_domain=mail_domain(someone))))
    return sum(_forget_in(circle, workspace_id=workspace_id, address=someone, store=store) for circle in circles)


def _forget_in(circle: str, *, workspace_id: WorkspaceId, address: str, store: Store) -> int:
    count, last = 0, ""
    while page := store.list(Remembered, workspace_id=workspace_id, where={"circle": circle}, limit=PAGE, after=last):
        named = [one.entity for one in page if address in one.entity.people]
        kept = [one.entity.id for one in page if one.entity not in named]
        if named:
            store.commit(*(Remove(one) for one in named))
        count, last = count + len(named), kept[-1] if kept else last
        if len(page) < PAGE:
            break
    return count

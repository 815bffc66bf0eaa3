"""Forgetting a person: what was written to them and what they wrote goes, and that they must not be written to stays.

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
from shared.stages.audit.trail import Noted, forget_salt
from shared.stages.deciding.desk import Desk
from shared.stages.erasing.cases import erase_drafts
from shared.stages.erasing.records import Records
from shared.stages.policy.suppressions import Wish
from shared.stages.policy.wishes import heard_wish

PAGE = 100
ASKED = "erasure"


@dataclass(frozen=True)
class Forgotten:
    """What was done by this call. `left`: runs and held times that cannot go yet; asking again when that is over takes them, too."""

    pieces: int  # of mails, that were remembered
    suppressions: int  # have lost their clear text and go on blocking
    drafts: int
    records: int  # announcements, submissions, runs, held times, touches and copies of the CRM
    left: int


def forget_person(address: str, *, workspace_id: WorkspaceId, by: Actor, reason: EraseReason, desk: Desk) -> Forgotten:
    """Suppressed first, so that nothing brings them back; then their drafts, records and mails, and what lets the log tell who it was.

    Safe to repeat: what a crash leaves, the next call removes. The entry in the log names nobody.
    """
    subject, someone = Subject(scope=Scope.ADDRESS, value=address), address.strip().lower()
    if not usable(subject):
        raise Rejected("address: should be an address like name@company.com", field="address")
    wish = Wish(subject, Cause.OPT_OUT, ASKED)
    standing = heard_wish(wish, workspace_id=workspace_id, by=by, suppressions=desk.suppressions, outbox=desk.outbox).standing
    records = Records(desk.store, workspace_id, desk.clock.now())
    drafts = erase_drafts(someone, workspace_id=workspace_id, by=by, desk=desk)
    emptied = records.erase(someone)
    pieces = forget_mails(workspace_id=workspace_id, address=address, store=desk.store)
    left = records.left(someone)

    def erase() -> int:
        named = desk.suppressions.erasure(address, workspace_id=workspace_id)
        counts = (f"pieces:{pieces}", f"drafts:{drafts}", f"records:{emptied}", f"left:{left}")
        told = Noted(action="person.forgotten", reason=reason, evidence=(standing.id, *counts))
        desk.store.commit(*named, *forget_salt(workspace_id, address), *desk.audit.writes(told, by=by, workspace_id=workspace_id))
        return len(named)

    return Forgotten(pieces, until_undisputed(erase), drafts, emptied, left)


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

"""Forgetting: what was remembered of somebody's mails, removed by their address. For whoever erases a contact."""

from shared.domain.conversation import Remembered, circle_of
from shared.domain.ids import WorkspaceId
from shared.domain.people import mail_domain
from shared.ports.store import Remove, Store

PAGE = 100


def forget_mails(*, workspace_id: WorkspaceId, address: str, store: Store) -> int:
    """How many pieces of mails were removed: all of mails from or to this address, colleagues' shares in them included.

    Nothing keeps a later recall from remembering them anew while they stand in a mailbox: erasing a contact
    means suppressing them first, so that nobody recalls them any more.
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

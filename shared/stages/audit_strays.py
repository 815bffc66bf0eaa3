"""Entries of an audit log that nobody sealed and that do not wait to be, and markers whose entry is gone. Used by verification."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from shared.domain.audit import AuditEntry, Unsealed
from shared.domain.ids import WorkspaceId
from shared.domain.proof import Flaw
from shared.domain.sealing import AuditBlock, Place, block_id
from shared.ports.store import Store

PAGE, PAGES = 100, 20


def strays(workspace_id: WorkspaceId, *, after: str, store: Store) -> tuple[Sequence[Flaw], str]:
    """Of the next 2000 entries, in the order of time, and the id to go on from; empty at the end, where the markers are looked at too."""
    flaws: list[Flaw] = []
    for _ in range(PAGES):
        try:
            page = [one.entity.id for one in store.list(AuditEntry, workspace_id=workspace_id, limit=PAGE, after=after)]
        except ValueError:
            flaws.append(Flaw(where=f"entries after {after or 'the beginning'}", what="cannot be read: one of them is no entry of ours"))
            page = []
        flaws += [Flaw(where=f"entry {one}", what="stands there twice, once under another name") for one in _twice(page, after)]
        flaws += _unplaced(workspace_id, list(dict.fromkeys(page)), store)
        if len(page) < PAGE or page[-1] <= after:
            return [*flaws, *_lost(workspace_id, store)], ""
        after = page[-1]
    return flaws, after


def _twice(page: Sequence[str], after: str) -> Iterator[str]:
    """A listing is in the order of names: what does not fit into it is under a name that is not its own."""
    for one in page:
        if one <= after:
            yield one
        after = max(one, after)


def _unplaced(workspace_id: WorkspaceId, ids: Sequence[str], store: Store) -> Iterator[Flaw]:
    """Looked at twice: between two readings an entry may be sealed, or dropped."""
    doubtful = _without_place(workspace_id, ids, store)
    doubtful = _without_place(workspace_id, doubtful, store) if doubtful else doubtful
    standing = store.get_many(AuditEntry, workspace_id=workspace_id, ids=doubtful) if doubtful else {}
    for one in standing:
        yield Flaw(where=f"entry {one}", what="is in no block and does not wait for one: it was put there later")


def _without_place(workspace_id: WorkspaceId, ids: Sequence[str], store: Store) -> list[str]:
    """Marker first: it goes in the very commit that brings the place."""
    if not ids:
        return []
    waiting = store.get_many(Unsealed, workspace_id=workspace_id, ids=ids)
    places = {id: one.entity.block for id, one in store.get_many(Place, workspace_id=workspace_id, ids=ids).items()}
    listed = _listed_in(workspace_id, places.values(), store)
    return [one for one in ids if one not in waiting and one not in listed.get(places.get(one, 0), ())]


def _listed_in(workspace_id: WorkspaceId, numbers: Iterable[int], store: Store) -> Mapping[int, set[str]]:
    """By block: what it holds by its own account."""
    ids = [block_id(one) for one in sorted(set(numbers))]
    blocks = store.get_many(AuditBlock, workspace_id=workspace_id, ids=ids) if ids else {}
    return {one.entity.number: {listed.id for listed in one.entity.entries} for one in blocks.values()}


def _lost(workspace_id: WorkspaceId, store: Store) -> Iterator[Flaw]:
    """Markers whose entry is gone: it was removed before anybody sealed it."""
    after = ""
    for _ in range(PAGES):
        page = [one.entity.id for one in store.list(Unsealed, workspace_id=workspace_id, limit=PAGE, after=after)]
        found = store.get_many(AuditEntry, workspace_id=workspace_id, ids=page) if page else {}
        gone = [one for one in page if one not in found]
        still = store.get_many(Unsealed, workspace_id=workspace_id, ids=gone) if gone else {}
        for one in still:
            yield Flaw(where=f"entry {one}", what="is gone; it had not been sealed yet")
        if len(page) < PAGE:
            return
        after = page[-1]

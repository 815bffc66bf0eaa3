"""Entries of an audit log that nobody sealed and that do not wait to be, and markers whose entry is gone. Used by verification."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from shared.domain.audit import AuditEntry, Unsealed
from shared.domain.proof import Flaw
from shared.domain.sealing import AuditBlock, Place, block_id
from shared.stages.audit.documents import AuditDocuments

PAGE, PAGES = 100, 10


def strays(documents: AuditDocuments, *, after: str) -> tuple[Sequence[Flaw], str]:
    """Of the next 1000 entries, in the order of time, and the id to go on from; empty at the end, where the markers are looked at too."""
    flaws: list[Flaw] = []
    for _ in range(PAGES):
        found = documents.page(AuditEntry, after=after, limit=PAGE)
        if found is None:
            where = f"entries after {after or 'the beginning'}"
            flaws.append(Flaw(where=where, what="cannot be looked through: one of them is no document of ours"))
        page = [one.id for one in found or ()]
        flaws += [Flaw(where=f"entry {one}", what="stands there twice, once under another name") for one in _twice(page, after)]
        flaws += _unplaced(documents, list(dict.fromkeys(page)))
        if len(page) < PAGE or page[-1] <= after:
            return [*flaws, *_lost(documents)], ""
        after = page[-1]
    return flaws, after


def _twice(page: Sequence[str], after: str) -> Iterator[str]:
    """A listing is in the order of names: what does not fit into it is under a name that is not its own."""
    for one in page:
        if one <= after:
            yield one
        after = max(one, after)


def _unplaced(documents: AuditDocuments, ids: Sequence[str]) -> Iterator[Flaw]:
    """Looked at twice: between two readings an entry may be sealed, or dropped."""
    doubtful = _without_place(documents, _without_place(documents, ids))
    for one in documents.many(AuditEntry, doubtful):
        yield Flaw(where=f"entry {one}", what="is in no block and does not wait for one: it was put there later")


def _without_place(documents: AuditDocuments, ids: Sequence[str]) -> list[str]:
    """Marker first: it goes in the very commit that brings the place."""
    waiting = documents.many(Unsealed, ids)
    places = {id: one.block for id, one in documents.many(Place, ids).items()}
    listed = _listed_in(documents, places.values())
    return [one for one in ids if one not in waiting and one not in listed.get(places.get(one, 0), ())]


def _listed_in(documents: AuditDocuments, numbers: Iterable[int]) -> Mapping[int, set[str]]:
    """By block: what it holds by its own account."""
    blocks = documents.many(AuditBlock, [block_id(one) for one in sorted(set(numbers))])
    return {one.number: {listed.id for listed in one.entries} for one in blocks.values()}


def _lost(documents: AuditDocuments) -> Iterator[Flaw]:
    """Markers whose entry is gone: it was removed before anybody sealed it."""
    after = ""
    for _ in range(PAGES):
        page = [one.id for one in documents.page(Unsealed, after=after, limit=PAGE) or ()]
        found = documents.many(AuditEntry, page)
        for one in documents.many(Unsealed, [one for one in page if one not in found]):
            yield Flaw(where=f"entry {one}", what="is gone; it had not been sealed yet")
        if len(page) < PAGE:
            return
        after = page[-1]

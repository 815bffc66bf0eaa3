"""The documents of one workspace's audit log, read by whoever verifies it: one that is none of ours is noted and stops nothing."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from shared.domain.audit import AuditEntry, Unsealed
from shared.domain.entity import Entity
from shared.domain.ids import WorkspaceId
from shared.domain.proof import Flaw
from shared.domain.sealing import AuditBlock, AuditHead, Checkpoint, Place
from shared.ports.store import Store

E = TypeVar("E", bound=Entity)
WORDS = {AuditEntry: "entry", AuditBlock: "block", AuditHead: "head", Checkpoint: "checkpoint", Place: "place of entry", Unsealed: "marker"}


class AuditDocuments:
    """`unreadable` is what was come across and is no document of ours: it counts as missing besides."""

    def __init__(self, workspace_id: WorkspaceId, store: Store) -> None:
        self._workspace_id, self._store = workspace_id, store
        self.unreadable: dict[str, Flaw] = {}

    def one(self, kind: type[E], id: str) -> E | None:
        try:
            found = self._store.get(kind, workspace_id=self._workspace_id, id=id)
        except ValueError:
            self._note(kind, id)
            return None
        return found.entity if found else None

    def many(self, kind: type[E], ids: Sequence[str]) -> Mapping[str, E]:
        """Those that exist and can be read, by id."""
        if not ids:
            return {}
        try:
            return {id: one.entity for id, one in self._store.get_many(kind, workspace_id=self._workspace_id, ids=ids).items()}
        except ValueError:
            found = {id: self.one(kind, id) for id in ids}
        return {id: one for id, one in found.items() if one is not None}

    def page(self, kind: type[E], *, after: str, limit: int) -> Sequence[E] | None:
        """In the order of ids; None when one of them cannot be read, and nobody knows which."""
        try:
            found = self._store.list(kind, workspace_id=self._workspace_id, limit=limit, after=after)
        except ValueError:
            return None
        return [one.entity for one in found]

    def is_unreadable(self, kind: type[Entity], id: str) -> bool:
        return _name(kind, id) in self.unreadable

    def _note(self, kind: type[Entity], id: str) -> None:
        self.unreadable[_name(kind, id)] = Flaw(where=_name(kind, id), what="cannot be read: it is no document of ours any more")


def _name(kind: type[Entity], id: str) -> str:
    """Blocks by their number, as everywhere; there is one head and one checkpoint."""
    shown = str(int(id)) if kind is AuditBlock and id.isdecimal() else id
    return WORDS[kind] if kind in (AuditHead, Checkpoint) else f"{WORDS[kind]} {shown}"

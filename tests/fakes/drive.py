"""Google Drive in memory, at the level of the calls we make: folders, files, permissions, trash and the feed of changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.connectors.drive.wire import DOCUMENT, FOLDER, Change, ChangeList, DriveFile, Permission
from shared.ports.errors import NotFound, Permanent
from tests.builders import MONDAY

PAGE = 2


@dataclass
class Item:
    id: str
    name: str
    parent: str
    folder: bool = False
    text: str = ""
    trashed: bool = False
    silent: bool = False  # as in a shared drive: the list does not say who may open it
    open: set[str] = field(default_factory=set)  # "anyone" or a domain
    modified_at: datetime = MONDAY


class MemoryDrive:
    """Stands in for DriveClient. What a folder suffers, what lies in it suffers too, and only the folder's change tells of it."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.journal: list[str] = []
        self.expired_before = 0
        self._now = MONDAY
        self.add("root", "Sales", "", folder=True)

    def add(self, id: str, name: str, parent: str, **options: object) -> None:
        self.items[id] = Item(id, name, parent, modified_at=self._tick(), **options)  # type: ignore[arg-type]
        self.journal.append(id)

    def change(self, id: str, **changes: object) -> None:
        """Anything; the modification time follows a change of the text alone."""
        for name, value in changes.items():
            setattr(self.items[id], name, value)
        if "text" in changes:
            self.items[id].modified_at = self._tick()
        self.journal.append(id)

    def delete(self, id: str) -> None:
        """For ever, with all below it."""
        for one in self.below(id):
            del self.items[one]
        self.journal.append(id)

    def expire(self) -> None:
        """No token given so far is known any more."""
        self.journal.append("nobody's")
        self.expired_before = len(self.journal)

    def below(self, id: str) -> set[str]:
        """The item and everything in it."""
        return {id}.union(*(self.below(one.id) for one in self.items.values() if one.parent == id))

    # The calls

    def file(self, file_id: str) -> DriveFile:
        if file_id not in self.items:
            raise NotFound(f"no file {file_id}")
        return self._told(self.items[file_id])

    def children(self, folder_ids: Sequence[str]) -> Iterator[DriveFile]:
        found = [self._told(one) for one in self.items.values() if one.parent in folder_ids]
        yield from (one for one in found if not one.trashed)

    def start_token(self) -> str:
        return str(len(self.journal))

    def changes(self, token: str) -> ChangeList:
        begin = int(token)
        if begin < self.expired_before:
            raise Permanent("400 invalid")
        ids = list(dict.fromkeys(self.journal[begin : begin + PAGE]))
        changes = tuple(
            Change(file_id=id, removed=id not in self.items, file=self._told(self.items[id]) if id in self.items else None) for id in ids
        )
        end = begin + PAGE
        if end < len(self.journal):
            return ChangeList(changes=changes, next_page_token=str(end))
        return ChangeList(changes=changes, new_start_page_token=str(len(self.journal)))

    def permissions(self, file_id: str) -> Iterator[Permission]:
        yield from self._permissions(self.items[file_id])

    def export(self, file_id: str, *, mime_type: str) -> bytes:
        return self.items[file_id].text.encode()

    def _told(self, item: Item) -> DriveFile:
        return DriveFile(
            id=item.id,
            name=item.name,
            mime_type=FOLDER if item.folder else DOCUMENT,
            modified_time=item.modified_at,
            parents=(item.parent,),
            trashed=any(one.trashed for one in self._up(item)),
            permissions=None if item.silent else self._permissions(item),
        )

    def _permissions(self, item: Item) -> tuple[Permission, ...]:
        opened = set().union(*(one.open for one in self._up(item)))
        return tuple(Permission(type="anyone") if one == "anyone" else Permission(type="domain", domain=one) for one in sorted(opened))

    def _up(self, item: Item) -> Iterator[Item]:
        yield item
        while item.parent in self.items:
            item = self.items[item.parent]
            yield item

    def _tick(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now

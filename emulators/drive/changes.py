"""The changes feed: one growing number for all that happens, of which a file shows only its latest change."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

FIRST = 100


@dataclass(frozen=True)
class Entry:
    """`id` names a file or a drive (`of_drive`); `lost` are the accounts that saw it before this and do not any more."""

    number: int
    id: str
    at: str
    drive_id: str | None
    lost: tuple[str, ...] = ()
    of_drive: bool = False


@dataclass
class ChangeLog:
    entries: list[Entry] = field(default_factory=list)

    @property
    def latest(self) -> int:
        return self.entries[-1].number if self.entries else FIRST

    def add(self, changed: str, *, at: str, drive_id: str | None, lost: Iterable[str] = (), of_drive: bool = False) -> None:
        self.entries.append(Entry(self.latest + 1, changed, at, drive_id, tuple(sorted(lost)), of_drive))

    def after(self, number: int) -> list[Entry]:
        """The latest entry of whatever changed since, in order."""
        latest = {entry.id: entry for entry in self.entries if entry.number > number}
        lost: dict[str, set[str]] = {}
        for entry in self.entries:
            if entry.number > number:
                lost.setdefault(entry.id, set()).update(entry.lost)
        found = [Entry(**{**asdict(entry), "lost": tuple(sorted(lost[entry.id]))}) for entry in latest.values()]
        return sorted(found, key=lambda entry: entry.number)

    def dump(self) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self.entries]

    @classmethod
    def loaded(cls, data: Iterable[Mapping[str, Any]]) -> "ChangeLog":
        return cls([Entry(**{**entry, "lost": tuple(entry["lost"])}) for entry in data])

"""Resource names: which document lies in which collection, which collections a query selects, and which names are refused."""

import re
from dataclasses import dataclass

from emulators.firestore.errors import InvalidArgument

ROOT = re.compile(r"projects/[^/]+/databases/[^/]+/documents")
RESERVED = re.compile(r"__.*__")
NUMERIC_ID = re.compile(r"__id(-?\d+)__")
LONGEST_ID_BYTES = 1500


def collection_of(document: str) -> str:
    return document.rpartition("/")[0]


def id_of(path: str) -> str:
    return path.rpartition("/")[2]


def check_document_name(name: str) -> None:
    """Raises InvalidArgument for anything but `projects/p/databases/d/documents/collection/id[/collection/id…]`."""
    root = ROOT.match(name)
    segments = name[root.end() + 1 :].split("/") if root else []
    if not segments or len(segments) % 2:
        raise InvalidArgument(f'Document name "{name}" lacks "/" at index {len(name)}.')
    for segment in segments:
        _check_id(segment, name)


def check_parent(name: str) -> None:
    """Raises InvalidArgument for anything but the root of a database or a document."""
    if not ROOT.fullmatch(name):
        check_document_name(name)


def check_collection_id(identifier: str) -> None:
    if RESERVED.fullmatch(identifier):
        raise InvalidArgument(f'Collection id "{identifier}" is invalid because it is reserved.')
    if "/" in identifier:
        raise InvalidArgument(f'Collection id "{identifier}" is invalid because it contains "/".')


def _check_id(segment: str, name: str) -> None:
    if not segment:
        raise InvalidArgument(f'Document name "{name}" has an empty segment.')
    if segment in (".", "..") or (RESERVED.fullmatch(segment) and not NUMERIC_ID.fullmatch(segment)):
        raise InvalidArgument(f'Resource id "{segment}" is invalid because it is reserved.')
    if len(segment.encode()) > LONGEST_ID_BYTES:
        raise InvalidArgument(f"Resource id is longer than {LONGEST_ID_BYTES} bytes.")


def relative_segments(name: str) -> list[str]:
    """What follows `…/documents/`, split; empty for the root itself."""
    root = ROOT.match(name)
    rest = name[root.end() + 1 :] if root else name
    return rest.split("/") if rest else []


@dataclass(frozen=True)
class Scope:
    """Which collections a query reads. `parent` is a document's name or the root; no `collection_id` means any."""

    parent: str
    collection_id: str
    all_descendants: bool = False

    def covers(self, collection: str) -> bool:
        above, _, last = collection.rpartition("/")
        if self.collection_id and last != self.collection_id:
            return False
        return above == self.parent or (self.all_descendants and collection.startswith(f"{self.parent}/"))

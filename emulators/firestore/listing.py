"""Pages of a collection's documents and of collection ids, both in the order of their names."""

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.fields import masked
from emulators.firestore.names import Scope
from emulators.firestore.state import Reading
from emulators.firestore.values import reference_key
from emulators.firestore.wire import Document, ListCollectionIdsResponse, ListDocumentsResponse, Pb

LARGEST_PAGE = 300


def documents_page(reading: Reading, request: Pb) -> Pb:
    """`show_missing` adds the names that hold no document but have collections below them."""
    if request.page_size < 0:
        raise InvalidArgument("Page size must be nonnegative.")
    if request.page_token and not request.page_token.startswith(request.parent):
        raise InvalidArgument("invalid page token")
    if request.order_by:
        raise InvalidArgument("ListDocuments lists by name only; use RunQuery for another order.")
    found = {record.name: masked(record.document, request) for record in reading.scan(Scope(request.parent, request.collection_id))}
    if request.show_missing:
        below = f"{request.parent}/{request.collection_id}/"
        missing = {below + child for child in _children(reading, below)} - found.keys()
        found |= {name: Document(name=name) for name in missing}
    names = sorted((name for name in found if _is_after(name, request.page_token)), key=reference_key)
    page = names[: min(request.page_size or LARGEST_PAGE, LARGEST_PAGE)]
    token = page[-1] if len(page) < len(names) else ""
    return ListDocumentsResponse(documents=[found[name] for name in page], next_page_token=token)


def collection_ids_page(reading: Reading, request: Pb) -> Pb:
    ids = sorted(child for child in _children(reading, f"{request.parent}/") if child > request.page_token)
    page = ids[: min(request.page_size or LARGEST_PAGE, LARGEST_PAGE)]
    return ListCollectionIdsResponse(collection_ids=page, next_page_token=page[-1] if len(page) < len(ids) else "")


def _children(reading: Reading, prefix: str) -> set[str]:
    return {path[len(prefix) :].partition("/")[0] for path in reading.collections() if path.startswith(prefix)}


def _is_after(name: str, token: str) -> bool:
    return not token or reference_key(name) > reference_key(token)

"""Raw requests to the engine, written shortly: what the unit tests of Firestore build theirs with."""

from typing import Any

from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.types import (
    BatchGetDocumentsRequest,
    BatchWriteRequest,
    CommitRequest,
    ListCollectionIdsRequest,
    ListDocumentsRequest,
    RunQueryRequest,
)

from emulators.firestore.responses import Engine

ROOT = "projects/sdr/databases/(default)/documents"
START_US = 1_772_442_000_000_000


class StillClock:
    """Microseconds that pass only when told to."""

    def __init__(self) -> None:
        self.us = START_US

    def __call__(self) -> int:
        return self.us


def fields(data: dict[str, Any]) -> dict[str, Any]:
    return _helpers.encode_dict(data)


def commit(engine: Engine, *writes: dict[str, Any]) -> Any:
    return engine.commit(CommitRequest.pb(CommitRequest(writes=writes)))


def batch_write(engine: Engine, *writes: dict[str, Any]) -> Any:
    return engine.batch_write(BatchWriteRequest.pb(BatchWriteRequest(writes=writes)))


def setting(path: str, data: dict[str, Any], **condition: Any) -> dict[str, Any]:
    return {"update": {"name": f"{ROOT}/{path}", "fields": fields(data)}} | ({"current_document": condition} if condition else {})


def deleting(path: str, **condition: Any) -> dict[str, Any]:
    return {"delete": f"{ROOT}/{path}"} | ({"current_document": condition} if condition else {})


def get(engine: Engine, *paths: str) -> dict[str, dict[str, Any] | None]:
    answers = engine.batch_get_documents(
        BatchGetDocumentsRequest.pb(BatchGetDocumentsRequest(documents=[f"{ROOT}/{path}" for path in paths]))
    )
    found = {answer.found.name: _helpers.decode_dict(answer.found.fields, None) for answer in answers if answer.HasField("found")}
    return {path: found.get(f"{ROOT}/{path}") for path in paths}


def found_ids(engine: Engine, query: dict[str, Any], parent: str = ROOT) -> list[str]:
    answers = engine.run_query(RunQueryRequest.pb(RunQueryRequest(parent=parent, structured_query=query)))
    return [answer.document.name.rpartition("/")[2] for answer in answers if answer.HasField("document")]


def listing(collection: str, **options: Any) -> Any:
    return ListDocumentsRequest.pb(ListDocumentsRequest(parent=ROOT, collection_id=collection, **options))


def listing_collections(parent: str = ROOT, **options: Any) -> Any:
    return ListCollectionIdsRequest.pb(ListCollectionIdsRequest(parent=parent, **options))

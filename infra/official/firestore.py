"""Google's Firestore emulator as one of the suite's services: forwarded, emptied, copied and restored."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import grpc
import httpx
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports.grpc import FirestoreGrpcTransport
from google.cloud.firestore_v1.types import Document, Write

from emulators.clock import Clock
from emulators.faults import Faults
from infra.official.forwarding import Forwarding
from infra.official.installed import FIRESTORE, OfficialProcess

AT_ONCE = 400
"""Writes of one commit, safely below the emulator's limit of 500."""


class OfficialFirestore:
    """For one project. Its times are the machine's; faults strike calls on their way to it."""

    name = "firestore"

    def __init__(self, clock: Clock, *, project: str) -> None:
        self.faults, self._database = Faults(), f"projects/{project}/databases/(default)"
        self._process = OfficialProcess(FIRESTORE)
        self._forwarding = Forwarding(self.name, self._process.address, clock=clock, faults=self.faults)
        self._client = FirestoreClient(transport=FirestoreGrpcTransport(channel=_Owner.over(self._forwarding.channel)))

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        return [self._forwarding.handler(FirestoreGrpcTransport, {})]

    def reset(self) -> None:
        address = f"http://{self._process.address}/emulator/v1/{self._database}/documents"
        httpx.delete(address, trust_env=False, timeout=60).raise_for_status()

    def dump(self) -> dict[str, Any]:
        documents = self._documents_under(f"{self._database}/documents")
        return {"documents": [base64.b64encode(Document.serialize(each)).decode() for each in documents]}

    def load(self, data: Mapping[str, Any]) -> None:
        self.reset()
        documents = [Document.deserialize(base64.b64decode(text)) for text in data["documents"]]
        for start in range(0, len(documents), AT_ONCE):
            writes = [Write(update=Document(name=each.name, fields=each.fields)) for each in documents[start : start + AT_ONCE]]
            self._client.commit(database=self._database, writes=writes)

    def close(self) -> None:
        self._forwarding.channel.close()
        self._process.stop()

    def _documents_under(self, parent: str) -> Iterator[Any]:
        collections: Iterable[str] = self._client.list_collection_ids(parent=parent)
        for collection in sorted(collections):
            for document in self._client.list_documents(request={"parent": parent, "collection_id": collection, "page_size": 300}):
                yield document
                yield from self._documents_under(document.name)


class _Owner(grpc.UnaryUnaryClientInterceptor):  # type: ignore[misc]
    """Google's emulator lets only its owner list collections."""

    @classmethod
    def over(cls, channel: grpc.Channel) -> grpc.Channel:
        return grpc.intercept_channel(channel, cls())

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        metadata = [*(details.metadata or ()), ("authorization", "Bearer owner")]
        return continuation(_Details(details.method, details.timeout, metadata), request)


class _Details(grpc.ClientCallDetails):  # type: ignore[misc]
    def __init__(self, method: str, timeout: float | None, metadata: list[tuple[str, str]]) -> None:
        self.method, self.timeout, self.metadata = method, timeout, metadata
        self.credentials = self.wait_for_ready = self.compression = None

"""The unmodified client without a socket: a channel that calls the engine. For rehearsals and for tests that ask a lot."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self

import grpc
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports.grpc import FirestoreGrpcTransport
from google.protobuf.empty_pb2 import Empty

from emulators.firestore.errors import FirestoreError
from emulators.firestore.methods import METHODS, calls
from emulators.firestore.responses import Engine

UNIMPLEMENTED = 12
CODES = {code.value[0]: code for code in grpc.StatusCode}


def client_of(engine: Engine, *, project: str, database: str = "(default)") -> firestore.Client:
    """A client of this engine: everything but listeners, whose streams need a server. Faults do not strike here."""
    nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]
    client = firestore.Client(project=project, credentials=nobody, database=database)
    client._firestore_api_internal = FirestoreClient(transport=FirestoreGrpcTransport(channel=_Channel(engine)))
    return client


class _Refusal(grpc.RpcError, grpc.Call):  # type: ignore[misc]
    """What a client sees of a refused call; `code` is the number of its status."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self._code, self._message = CODES[code], message

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._message

    def trailing_metadata(self) -> Sequence[tuple[str, str]]:
        return ()

    def result(self) -> Any:
        raise self


class _Answer:
    """One finished call: its answer, or what it was refused for."""

    def __init__(self, answers: Sequence[Any]) -> None:
        self._answers = iter(answers)

    def __iter__(self) -> Iterator[Any]:
        return self._answers

    def __next__(self) -> Any:
        return next(self._answers)

    def result(self) -> Any:
        return next(self._answers)

    def trailing_metadata(self) -> Sequence[tuple[str, str]]:
        return ()

    def cancel(self) -> None:
        """Everything has been answered already."""


class _Call:
    """Stands for one method of the service; requests and answers go through bytes, so that nobody shares a message."""

    def __init__(self, work: Callable[[Any], Any], serialize: Callable[[Any], bytes], deserialize: Callable[[bytes], Any]) -> None:
        self._work, self._serialize, self._deserialize = work, serialize, deserialize

    def __call__(self, request: Any, **_: Any) -> Any:
        return _Answer(self._answers(request))

    def with_call(self, request: Any, **_: Any) -> tuple[Any, Any]:
        answer = _Answer(self._answers(request))
        return answer.result(), answer

    def _answers(self, request: Any) -> list[Any]:
        try:
            answer = self._work(self._serialize(request))
        except FirestoreError as error:
            raise _Refusal(error.code, str(error)) from None
        answers: Iterable[Any] = answer if isinstance(answer, list) else [Empty() if answer is None else answer]
        return [self._deserialize(one.SerializeToString()) for one in answers]


class _Channel(grpc.Channel):  # type: ignore[misc]
    """Only what the client asks of a channel."""

    def __init__(self, engine: Engine) -> None:
        self._calls, self._requests = calls(engine), {method.path: method.request for method in METHODS}

    def unary_unary(self, method: str, request_serializer: Any = None, response_deserializer: Any = None, *_: Any, **__: Any) -> Any:
        request, answer = self._requests.get(method), self._calls.get(method.rpartition("/")[2])
        if request is None or answer is None:
            return _not_here
        return _Call(lambda data: answer(request.FromString(data)), request_serializer, response_deserializer)

    unary_stream = unary_unary

    def stream_unary(self, *_: Any, **__: Any) -> Any:
        return _not_here

    stream_stream = stream_unary

    def subscribe(self, *_: Any, **__: Any) -> None:
        """Always ready."""

    unsubscribe = subscribe

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _not_here(*_: Any, **__: Any) -> Any:
    raise _Refusal(UNIMPLEMENTED, "Streams of requests need a server: emulators.serving.GrpcServer")

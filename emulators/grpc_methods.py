"""Serves any google-cloud-* service: learns its methods from the client's own transport and puts faults and errors in front of the work.

Firestore, Pub/Sub, Cloud Tasks and Secret Manager build their `handlers()` with it.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from emulators.clock import Clock
from emulators.faults import CALLS, Fault, Faults, Kind

Work = Callable[[Any, grpc.ServicerContext], Any]
Answers = Callable[[], Iterable[Any]]

STREAMS = ThreadPoolExecutor(max_workers=1000, thread_name_prefix="stream")
"""Streams last as long as their client likes: on the server's own threads a few dozen of them would keep everyone else waiting."""


class Arity(StrEnum):
    UNARY_UNARY = "unary_unary"
    UNARY_STREAM = "unary_stream"
    STREAM_UNARY = "stream_unary"
    STREAM_STREAM = "stream_stream"

    @property
    def streams_requests(self) -> bool:
        return self.value.startswith("stream_")

    @property
    def streams_responses(self) -> bool:
        return self.value.endswith("_stream")


@dataclass(frozen=True)
class Method:
    """One RPC as the client calls it; `path` is `/google.firestore.v1.Firestore/Commit`, request and response are raw protobuf classes."""

    path: str
    arity: Arity
    request: type[Message]
    response: type[Message]

    @property
    def service(self) -> str:
        return self.path.split("/")[1]

    @property
    def name(self) -> str:
        return self.path.split("/")[2]


def methods_of(transport_class: type[Any]) -> list[Method]:
    """Every method a `*GrpcTransport` offers, by touching its properties with a recorder where the channel would be.

    The mixins for operations and IAM, whose requests are not proto-plus messages, hide their types and are left out.
    """
    channel = grpc.insecure_channel("localhost:1")
    transport = transport_class(channel=channel)
    recorder = _Recorder()
    transport._stubs, transport._logged_channel = {}, recorder
    for name, member in vars(transport_class).items():
        if isinstance(member, property):
            getattr(transport, name)
    channel.close()
    return recorder.methods


class Recall(Protocol):
    """How a service answers from an earlier state. `reads` names the methods that can be stale."""

    @property
    def reads(self) -> frozenset[str]: ...

    def notice(self) -> None:
        """Called around every call while the state may be changing."""

    def earlier(self, fault: Fault, request: Any) -> AbstractContextManager[None]:
        """Within it the work is done on the state this STALE fault asks for; it may rewrite the request instead (a read time)."""


@dataclass(frozen=True)
class Front:
    """What stands before a service's methods. `name` is the first half of its fault routes (`pubsub.Publish`); `codes` says which
    gRPC status each of the service's own exceptions becomes (the exception's text is the message; subclasses follow their parent). One
    that brings a google.rpc.Status as `status` is answered with its details.
    Without `recall` no answer can be stale."""

    name: str
    clock: Clock
    faults: Faults
    codes: Mapping[type[Exception], grpc.StatusCode]
    recall: Recall | None = None

    def answers(self, method: Method, work: Answers, context: grpc.ServicerContext, request: Any = None) -> Iterator[Any]:
        """The answers of one call after its fault, if one strikes, has had its way."""
        notice = self.recall.notice if self.recall else _nothing
        notice()
        fault = self.faults.strike(f"{self.name}.{method.name}", self.clock.now())
        try:
            yield from work() if fault is None else self._struck(fault, method, work, context, request)
        except tuple(self.codes) as error:
            if isinstance(status := getattr(error, "status", None), Status):
                context.abort_with_status(rpc_status.to_status(status))
            context.abort(self._code(error), str(error))
        notice()

    def knows(self, method: str) -> None:
        """Tells the faults what can happen to this method."""
        stale = self.recall is not None and method in self.recall.reads
        self.faults.know([f"{self.name}.{method}"], CALLS | {Kind.STALE} if stale else CALLS)

    def _struck(self, fault: Fault, method: Method, work: Answers, context: grpc.ServicerContext, request: Any) -> Iterator[Any]:
        if fault.kind is Kind.STALE and self.recall is not None:
            with self.recall.earlier(fault, request):
                stale = list(work())
            return iter(stale)
        return _struck(fault, method, work, context)

    def _code(self, error: Exception) -> grpc.StatusCode:
        return next(self.codes[kind] for kind in type(error).__mro__ if kind in self.codes)


def generic_handler(methods: Iterable[Method], implementation: Mapping[str, Work], front: Front) -> grpc.GenericRpcHandler:
    """A handler for the methods named in `implementation`; KeyError for a name the client does not know.

        methods = methods_of(PublisherGrpcTransport)
        front = Front("pubsub", clock, faults, codes={Missing: StatusCode.NOT_FOUND})
        handler = generic_handler(methods, {"Publish": self._publish, ...}, front)

    An implementation is called as `work(request, context)`: `request` is a raw protobuf (an iterator of them for client streams), and
    it returns a raw protobuf (an iterable of them for server streams). What is not implemented answers UNIMPLEMENTED.
    """
    by_name = {method.name: method for method in methods}
    for name in implementation:
        front.knows(name)
    handlers = {name: _rpc_handler(by_name[name], work, front) for name, work in implementation.items()}
    service = next(by_name[name].service for name in implementation)
    return grpc.method_handlers_generic_handler(service, handlers)


def without_context(answer: Callable[[Any], Any]) -> Work:
    """The work of a method that needs only its request; one that answers nothing answers Empty."""

    def work(request: Any, _: grpc.ServicerContext) -> Any:
        response = answer(request)
        return Empty() if response is None else response

    return work


def _rpc_handler(method: Method, work: Work, front: Front) -> grpc.RpcMethodHandler:
    def one(request: Any, context: grpc.ServicerContext) -> Any:
        [answer] = front.answers(method, lambda: [work(request, context)], context, request)
        return answer

    def many(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        return front.answers(method, lambda: work(request, context), context, request)

    if method.arity.streams_requests:
        many.experimental_thread_pool = STREAMS  # type: ignore[attr-defined]  # gRPC looks for it on the behaviour
    build = getattr(grpc, f"{method.arity}_rpc_method_handler")
    behaviour = many if method.arity.streams_responses else one
    return build(behaviour, request_deserializer=method.request.FromString, response_serializer=_serialize)


def _struck(fault: Fault, method: Method, work: Answers, context: grpc.ServicerContext) -> Iterator[Any]:
    if fault.kind in (Kind.STATUS, Kind.DROP_BEFORE):
        context.abort(_status(fault), f"fault {fault.kind} on {fault.route}")
    if fault.kind is Kind.DELAY:
        threading.Event().wait(fault.delay_s)
    if fault.kind is Kind.DUPLICATE and not method.arity.streams_requests:
        _do(method, work)
    if fault.kind in (Kind.DROP_AFTER, Kind.MALFORMED):
        _do(method, work)
        if fault.kind is Kind.DROP_AFTER:
            context.abort(grpc.StatusCode.UNAVAILABLE, f"fault {fault.kind} on {fault.route}")
        yield b"\xff not a protobuf"
        return
    yield from work()


def _nothing() -> None:
    """Nobody remembers anything."""


def _do(method: Method, work: Answers) -> None:
    """The whole work; for a client stream, which may never end, up to its first answer."""
    for _ in work():
        if method.arity.streams_requests:
            return


def _status(fault: Fault) -> grpc.StatusCode:
    """A status fault names its gRPC code in `body` (`"ABORTED"`); anything else is UNAVAILABLE."""
    named = fault.body if fault.kind is Kind.STATUS and isinstance(fault.body, str) else ""
    return grpc.StatusCode.__members__.get(named, grpc.StatusCode.UNAVAILABLE)


def _serialize(message: Any) -> bytes:
    return message if isinstance(message, bytes) else message.SerializeToString()


class _Recorder:
    """Stands where a transport's channel would be and notes what the transport asks it for."""

    def __init__(self) -> None:
        self.methods: list[Method] = []

    def __getattr__(self, arity: str) -> Callable[..., Any]:
        kind = Arity(arity)

        def record(path: str, *, request_serializer: Any, response_deserializer: Any, **_: Any) -> Callable[..., None]:
            request, response = _message_class(request_serializer), _message_class(response_deserializer)
            if request is not None and response is not None:
                self.methods.append(Method(path, kind, request, response))
            return lambda *_, **__: None

        return record


def _message_class(codec: Any) -> type[Message] | None:
    owner = getattr(codec, "__self__", None)
    if owner is None:
        return None
    message: type[Message] = owner if issubclass(owner, Message) else owner.pb()
    return message

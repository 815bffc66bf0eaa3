"""What every Google emulator rests on: methods learnt from the client's transport, faults, and errors as gRPC codes."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import grpc
import pytest
from google.cloud.firestore_v1.services.firestore.transports.grpc import FirestoreGrpcTransport
from google.cloud.firestore_v1.types import CommitRequest, CommitResponse, RunQueryRequest, RunQueryResponse, WriteRequest, WriteResponse
from google.cloud.secretmanager_v1.services.secret_manager_service.transports.grpc import SecretManagerServiceGrpcTransport
from google.cloud.tasks_v2.services.cloud_tasks.transports.grpc import CloudTasksGrpcTransport
from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports.grpc import SubscriberGrpcTransport

from emulators.clock import Clock
from emulators.faults import Fault, Faults, Kind
from emulators.grpc_methods import Arity, Front, generic_handler, methods_of
from emulators.serving import GrpcServer

SERVICE = "/google.firestore.v1.Firestore"
Commit, Committed = CommitRequest.pb(), CommitResponse.pb()
Query, Found = RunQueryRequest.pb(), RunQueryResponse.pb()
Written, Wrote = WriteRequest.pb(), WriteResponse.pb()


class Refused(Exception):
    pass


class RefusedPolitely(Refused):
    pass


class Service:
    """A service of three shapes that counts what it does. Its handlers go by Firestore's names."""

    name = "toy"

    def __init__(self) -> None:
        self.faults, self.done = Faults(), 0

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        front = Front(self.name, Clock(frozen_at=datetime(2026, 3, 2, tzinfo=UTC)), self.faults, {Refused: grpc.StatusCode.ABORTED})
        works = {"Commit": self.commit, "RunQuery": self.run_query, "Write": self.write}
        return [generic_handler(methods_of(FirestoreGrpcTransport), works, front)]

    def commit(self, request: object, _: grpc.ServicerContext) -> object:
        self.done += 1
        if request.database == "refuse":  # type: ignore[attr-defined]
            raise RefusedPolitely("not today")
        return Committed()

    def run_query(self, _: object, __: grpc.ServicerContext) -> Iterator[object]:
        self.done += 1
        yield from (Found(skipped_results=number) for number in range(3))

    def write(self, requests: Iterator[object], _: grpc.ServicerContext) -> Iterator[object]:
        for request in requests:
            self.done += 1
            yield Wrote(stream_id=request.database)  # type: ignore[attr-defined]

    def reset(self) -> None: ...
    def dump(self) -> dict[str, object]:
        return {}

    def load(self, data: object) -> None: ...
    def close(self) -> None: ...


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def channel(service: Service) -> Iterator[grpc.Channel]:
    server = GrpcServer([service], workers=4)
    server.start()
    with grpc.insecure_channel(server.address) as channel:
        yield channel
    server.stop()


@pytest.fixture
def commit(channel: grpc.Channel) -> Callable[..., object]:
    call = channel.unary_unary(f"{SERVICE}/Commit", request_serializer=Commit.SerializeToString, response_deserializer=Committed.FromString)
    return lambda database="d": call(Commit(database=database))


@pytest.fixture
def query(channel: grpc.Channel) -> Callable[[], list[int]]:
    call = channel.unary_stream(f"{SERVICE}/RunQuery", request_serializer=Query.SerializeToString, response_deserializer=Found.FromString)
    return lambda: [answer.skipped_results for answer in call(Query())]


@pytest.mark.parametrize(
    ("transport", "path", "arity"),
    [
        (FirestoreGrpcTransport, f"{SERVICE}/BatchGetDocuments", Arity.UNARY_STREAM),
        (FirestoreGrpcTransport, f"{SERVICE}/Listen", Arity.STREAM_STREAM),
        (PublisherGrpcTransport, "/google.pubsub.v1.Publisher/Publish", Arity.UNARY_UNARY),
        (SubscriberGrpcTransport, "/google.pubsub.v1.Subscriber/StreamingPull", Arity.STREAM_STREAM),
        (CloudTasksGrpcTransport, "/google.cloud.tasks.v2.CloudTasks/CreateTask", Arity.UNARY_UNARY),
        (SecretManagerServiceGrpcTransport, "/google.cloud.secretmanager.v1.SecretManagerService/AccessSecretVersion", Arity.UNARY_UNARY),
    ],
)
def test_the_clients_transports_still_tell_their_methods(transport: type, path: str, arity: Arity) -> None:
    assert {method.path: method.arity for method in methods_of(transport)}[path] == arity


def test_requests_and_responses_are_raw_protobufs() -> None:
    method = next(method for method in methods_of(FirestoreGrpcTransport) if method.name == "Commit")
    assert (method.request, method.response, method.service) == (Commit, Committed, "google.firestore.v1.Firestore")


def test_deleting_methods_answer_with_the_empty_message() -> None:
    method = next(method for method in methods_of(SecretManagerServiceGrpcTransport) if method.name == "DeleteSecret")
    assert method.response.DESCRIPTOR.full_name == "google.protobuf.Empty"


def test_an_unknown_method_name_stops_the_start() -> None:
    front = Front("toy", Clock(), Faults(), {})
    with pytest.raises(KeyError, match="Comit"):
        generic_handler(methods_of(FirestoreGrpcTransport), {"Comit": lambda request, _: request}, front)


def test_every_shape_of_call_is_served(channel: grpc.Channel, commit: Callable[..., object], query: Callable[[], list[int]]) -> None:
    assert commit() == Committed()
    assert query() == [0, 1, 2]
    talk = channel.stream_stream(f"{SERVICE}/Write", request_serializer=Written.SerializeToString, response_deserializer=Wrote.FromString)
    assert [answer.stream_id for answer in talk(iter([Written(database="a"), Written(database="b")]))] == ["a", "b"]


def test_a_services_own_error_becomes_its_code_and_its_text(commit: Callable[..., object]) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        commit("refuse")
    assert (refused.value.code(), refused.value.details()) == (grpc.StatusCode.ABORTED, "not today")


def test_what_is_not_implemented_says_so(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        channel.unary_unary(f"{SERVICE}/Rollback")(b"")
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize(
    ("fault", "code", "done"),
    [
        (Fault("toy.Commit", Kind.STATUS), grpc.StatusCode.UNAVAILABLE, 0),
        (Fault("toy.*", Kind.STATUS, body="RESOURCE_EXHAUSTED"), grpc.StatusCode.RESOURCE_EXHAUSTED, 0),
        (Fault("toy.Commit", Kind.STATUS, body="no code of gRPC"), grpc.StatusCode.UNAVAILABLE, 0),
        (Fault("toy.Commit", Kind.DROP_BEFORE), grpc.StatusCode.UNAVAILABLE, 0),
        (Fault("toy.Commit", Kind.DROP_AFTER), grpc.StatusCode.UNAVAILABLE, 1),
        (Fault("toy.Commit", Kind.MALFORMED), grpc.StatusCode.INTERNAL, 1),
        (Fault("toy.Commit", Kind.DUPLICATE), None, 2),
        (Fault("toy.Commit", Kind.DELAY, delay_s=0.01), None, 1),
        (Fault("toy.RunQuery", Kind.STATUS), None, 1),
        (Fault("toy.Commit", Kind.STATUS, times=0), None, 1),
    ],
)
def test_a_fault_hits_before_or_after_the_work(
    service: Service, commit: Callable[..., object], fault: Fault, code: grpc.StatusCode | None, done: int
) -> None:
    service.faults.add(fault)
    seen = None
    try:
        commit()
    except grpc.RpcError as error:
        seen = error.code()
    assert (seen, service.done) == (code, done)


@pytest.mark.parametrize(("kind", "done"), [(Kind.DROP_BEFORE, 0), (Kind.DROP_AFTER, 1)])
def test_a_stream_of_answers_is_dropped_as_a_whole(service: Service, query: Callable[[], list[int]], kind: Kind, done: int) -> None:
    service.faults.add(Fault("toy.RunQuery", kind, times=1))
    with pytest.raises(grpc.RpcError):
        query()
    assert service.done == done
    assert query() == [0, 1, 2]


def test_a_dropped_conversation_has_been_heard_once(service: Service, channel: grpc.Channel) -> None:
    service.faults.add(Fault("toy.Write", Kind.DROP_AFTER))
    talk = channel.stream_stream(f"{SERVICE}/Write", request_serializer=Written.SerializeToString, response_deserializer=Wrote.FromString)
    with pytest.raises(grpc.RpcError):
        list(talk(iter([Written(database="a"), Written(database="b")])))
    assert service.done == 1

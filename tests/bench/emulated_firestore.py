"""Firestore's emulator beside Google's: start, reads, writes, transactions, a contended document, memory, and neighbours beside numpy."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import numpy as np
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports.grpc import FirestoreGrpcTransport

from emulators.clock import Clock
from emulators.firestore.routes import FirestoreEmulator
from emulators.serving import GrpcServer
from infra.manifests import ROOT
from infra.official.installed import FIRESTORE, OfficialProcess, missing
from tests.bench.emulated import Row
from tests.bench.figures import compared

STARTS, ROUNDS, CALLS = 3, 7, 50
AT_ONCE = 40
VECTORS, DIMENSION, CLOSEST, SEARCHES = 10_000, 1536, 10, 15
GOOGLES, NUMPY = "Google's emulator", "numpy, brute force"
NOT_INSTALLED = "Google's emulator is not installed here"
TOO_SLOW = "Google's emulator takes minutes and is not asked"
HEAD = b"\x0a\x09\x19"
"""Of one double within an array value, on the wire."""

Work = Callable[[firestore.Client], Any]


@dataclass(frozen=True)
class Served:
    client: firestore.Client
    pid: int


def measure() -> list[Row]:
    return [*_processes(), *_neighbours()]


@contextmanager
def ours() -> Iterator[Served]:
    with subprocess.Popen([sys.executable, "-m", "emulators", "firestore"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            with _client_at(process.stdout.readline().rsplit(" ", 1)[-1].strip()) as client:
                yield Served(client, process.pid)
        finally:
            process.terminate()


@contextmanager
def google() -> Iterator[Served]:
    with OfficialProcess(FIRESTORE) as process, _client_at(process.address) as client:
        yield Served(client, process.pid)


def _processes() -> Iterator[Row]:
    """What is measured from outside, each round of ours right beside one of Google's."""
    sides = [ours] if missing(FIRESTORE) else [ours, google]
    yield _row("start to the first answer", "s", [[_start(side) for _ in range(STARTS)] for side in sides])
    with ours() as here:
        if len(sides) == 1:
            yield from _calls([here])
            return
        with google() as there:
            yield from _calls([here, there])


def _calls(served: Sequence[Served]) -> Iterator[Row]:
    for what, work in (("set", _set), ("get", _get), ("query of 20", _query), ("transaction", _transaction)):
        rounds = [[_milliseconds(work, one.client) for one in served] for _ in range(ROUNDS)]
        yield _row(f"{what}, median of {CALLS}", "ms", list(zip(*rounds, strict=True)))
    yield _row("memory after that", "MB", [[_resident_mb(one.pid)] for one in served])
    hot = statistics.median(_hot(served[0].client) for _ in range(STARTS))
    yield Row("Firestore", f"{AT_ONCE} transactions at once on one document", "s", hot, absent=TOO_SLOW)


def _row(what: str, unit: str, sides: Sequence[Sequence[float]]) -> Row:
    here = statistics.median(sides[0])
    if len(sides) == 1:
        return Row("Firestore", what, unit, here, absent=NOT_INSTALLED)
    return Row("Firestore", what, unit, here, GOOGLES, compared(sides[0], sides[1]))


def _start(side: Callable[[], Any]) -> float:
    began = time.perf_counter()
    with side() as served:
        served.client.document("benchmarks/first").get()
        return time.perf_counter() - began


@contextmanager
def _client_at(address: str) -> Iterator[firestore.Client]:
    with grpc.insecure_channel(address) as channel:
        client = firestore.Client(project="bench", credentials=AnonymousCredentials())
        client._firestore_api_internal = FirestoreClient(transport=FirestoreGrpcTransport(channel=channel))
        yield client


def _set(client: firestore.Client) -> None:
    client.document("benchmarks/one").set({"name": "Ana", "n": 1, "tags": ["a", "b"], "at": firestore.SERVER_TIMESTAMP})


def _get(client: firestore.Client) -> None:
    client.document("benchmarks/one").get()


def _query(client: firestore.Client) -> None:
    if not client.document("queried/0").get().exists:
        for number in range(100):
            client.document(f"queried/{number}").set({"n": number, "even": number % 2 == 0})
    found = client.collection("queried").where(filter=firestore.FieldFilter("n", ">=", 40)).order_by("n").limit(20)
    assert len(found.get()) == 20


def _transaction(client: firestore.Client) -> None:
    reference = client.document("benchmarks/counter")

    @firestore.transactional
    def increment(transaction: firestore.Transaction) -> None:
        known = reference.get(transaction=transaction).to_dict() or {"n": 0}
        transaction.set(reference, {"n": known["n"] + 1})

    increment(client.transaction())


def _hot(client: firestore.Client) -> float:
    """Seconds; the client's default of five attempts has to do."""
    before = (client.document("benchmarks/counter").get().to_dict() or {"n": 0})["n"]
    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(_transaction, client) for _ in range(AT_ONCE)]:
            done.result()
    assert client.document("benchmarks/counter").get().get("n") == before + AT_ONCE
    return time.perf_counter() - began


def _milliseconds(work: Work, client: firestore.Client) -> float:
    work(client)
    taken = []
    for _ in range(CALLS):
        began = time.perf_counter()
        work(client)
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def _resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def _neighbours() -> Iterator[Row]:
    """P9: a search over the wire, documents and all, beside the least that numpy needs; the answers are compared."""
    matrix = np.random.default_rng(7).standard_normal((VECTORS, DIMENSION))
    emulator = FirestoreEmulator(Clock())
    for number, vector in enumerate(matrix):
        emulator.engine.commit(_storing(number, vector))
    server = GrpcServer([emulator]).start()
    query, single = matrix[0] + matrix[1], matrix.astype(np.float32)
    with grpc.insecure_channel(server.address) as channel:
        service, request = FirestoreGrpcTransport(channel=channel), _searching(query)
        reference, here = [], []
        for _ in range(SEARCHES):
            (expected, first), (found, second) = _timed(lambda: _brute(single, query)), _timed(lambda: _searched(service, request))
            assert found == expected
            reference.append(first)
            here.append(second)
    server.stop()
    what = f"{CLOSEST} nearest of {VECTORS:,} vectors of {DIMENSION}, exact (P9)"
    yield Row("Firestore", what, "ms", statistics.median(here), NUMPY, compared(here, reference), target=3)


def _value(vector: Any) -> Any:
    """Put together on the wire's level: 1,536 messages take longer to make than to search."""
    elements = np.empty(len(vector), np.dtype([("head", "V3"), ("number", "<f8")]))
    elements["head"], elements["number"] = np.void(HEAD), vector
    value = types.Value.pb()()
    value.map_value.fields["__type__"].string_value = "__vector__"
    value.map_value.fields["value"].array_value.MergeFromString(elements.tobytes())
    return value


def _storing(number: int, vector: Any) -> Any:
    request = types.CommitRequest.pb()()
    write = request.writes.add()
    write.update.name = f"projects/bench/databases/(default)/documents/memory/{number}"
    write.update.fields["vector"].CopyFrom(_value(vector))
    return request


def _searching(query: Any) -> types.RunQueryRequest:
    wanted = {"vector_field": {"field_path": "vector"}, "distance_measure": "COSINE", "limit": CLOSEST}
    asked = {"from_": [{"collection_id": "memory"}], "find_nearest": wanted}
    request = types.RunQueryRequest(parent="projects/bench/databases/(default)/documents", structured_query=asked)
    types.RunQueryRequest.pb(request).structured_query.find_nearest.query_vector.CopyFrom(_value(query))
    return request


def _searched(service: FirestoreGrpcTransport, request: types.RunQueryRequest) -> list[int]:
    found = [types.RunQueryResponse.pb(answer).document.name for answer in service.run_query(request)]
    return [int(name.rpartition("/")[2]) for name in found if name]


def _brute(matrix: Any, query: Any) -> list[int]:
    wanted = query.astype(np.float32)
    distances = 1 - (matrix @ wanted) / (np.linalg.norm(matrix, axis=1) * np.linalg.norm(wanted))
    nearest = np.argpartition(distances, CLOSEST)[:CLOSEST]
    return [int(number) for number in nearest[np.argsort(distances[nearest])]]


def _timed(work: Callable[[], list[int]]) -> tuple[list[int], float]:
    began = time.perf_counter()
    result = work()
    return result, (time.perf_counter() - began) * 1000

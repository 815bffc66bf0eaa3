"""Pub/Sub's and Cloud Tasks' emulators: start, publish, push, streaming pull, tasks and memory, Pub/Sub beside Google's where installed.

`python -m tests.bench.emulated_pubsub` prints the rows alone.
"""

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.cloud import pubsub_v1, tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber import SubscriberClient
from google.pubsub_v1.services.subscriber.transports.grpc import SubscriberGrpcTransport
from werkzeug.wrappers import Request, Response

from emulators.serving import HttpServer
from infra.manifests import ROOT
from infra.official.installed import PUBSUB, OfficialProcess, missing
from tests.bench.emulated import Row
from tests.bench.figures import compared

STARTS, ROUNDS, CALLS, PUSHES, STREAMED = 3, 5, 100, 40, 5_000
GOOGLES = "Google's emulator"
NOTHING_BESIDE = "Google has none that its client can talk to"
PATIENCE_S = 120.0
PARENT = "projects/bench/locations/europe-west1"
QUEUE = f"{PARENT}/queues/send"


def measure() -> list[Row]:
    return [*_pubsub(), *_tasks()]


class Side:
    """One running Pub/Sub and its clients."""

    def __init__(self, address: str, pid: int) -> None:
        self.address, self.pid, self._count = address, pid, 0
        self.channel = grpc.insecure_channel(address)
        self.publisher = PublisherClient(transport=PublisherGrpcTransport(channel=self.channel))
        self.subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=self.channel))

    def topic(self, **subscription: Any) -> tuple[str, str]:
        self._count += 1
        topic = self.publisher.create_topic(name=f"projects/bench/topics/topic-{self._count}").name
        name = f"projects/bench/subscriptions/subscription-{self._count}"
        self.subscriber.create_subscription(request={"name": name, "topic": topic, **subscription})
        return topic, name


@dataclass
class Arrivals:
    """Where pushes and tasks arrive: the moment of each by its body's name."""

    def __post_init__(self) -> None:
        self.moments: list[float] = []
        self.came = threading.Semaphore(0)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        Request(environ).get_data()
        self.moments.append(time.perf_counter())
        self.came.release()
        return Response(status=204)(environ, start_response)


@contextmanager
def _ours(name: str) -> Iterator[Side]:
    with subprocess.Popen([sys.executable, "-m", "emulators", name], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().rsplit(" ", 1)[-1].strip()
        side = Side(address, process.pid)
        try:
            yield side
        finally:
            side.channel.close()
            process.terminate()


@contextmanager
def _googles(_: str) -> Iterator[Side]:
    with OfficialProcess(PUBSUB) as process:
        side = Side(process.address, process.pid)
        yield side
        side.channel.close()


def _pubsub() -> Iterator[Row]:
    absent = missing(PUBSUB)
    makers = [_ours] if absent else [_ours, _googles]
    yield _row("start to the first topic", "s", [[_start(maker) for _ in range(STARTS)] for maker in makers], absent)
    with ExitStack() as running:
        sides = [running.enter_context(maker("pubsub")) for maker in makers]
        for what, unit, work in (
            (f"publish, median of {CALLS}", "ms", _publish_ms),
            (f"publish to push, median of {PUSHES}", "ms", _push_ms),
            (f"streaming pull and acknowledge {STREAMED}", "messages/s", _streamed_per_s),
        ):
            rounds = [[work(side) for side in sides] for _ in range(ROUNDS)]
            yield _row(what, unit, list(zip(*rounds, strict=True)), absent)
        yield _row("memory after that", "MB", [[_resident_mb(side.pid)] for side in sides], absent)


def _tasks() -> Iterator[Row]:
    with _ours("tasks") as side:
        client = tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=side.channel))
        client.create_queue(parent=PARENT, queue={"name": QUEUE})
        created, dispatched = [], []
        for _ in range(ROUNDS):
            one, other = _created_and_dispatched(client)
            created.append(one)
            dispatched.append(other)
        yield Row("Cloud Tasks", f"create, median of {CALLS}", "ms", statistics.median(created), absent=NOTHING_BESIDE)
        yield Row("Cloud Tasks", f"{CALLS} created to all dispatched", "ms", statistics.median(dispatched), absent=NOTHING_BESIDE)
        yield Row("Cloud Tasks", "memory after that", "MB", _resident_mb(side.pid), absent=NOTHING_BESIDE)


def _row(what: str, unit: str, sides: Sequence[Sequence[float]], absent: str) -> Row:
    here = statistics.median(sides[0])
    if len(sides) == 1:
        return Row("Pub/Sub", what, unit, here, absent=absent)
    return Row("Pub/Sub", what, unit, here, GOOGLES, compared(sides[0], sides[1]))


def _start(maker: Any) -> float:
    began = time.perf_counter()
    with maker("pubsub") as side:
        side.publisher.create_topic(name="projects/bench/topics/first")
        return time.perf_counter() - began


def _publish_ms(side: Side) -> float:
    topic, _ = side.topic()
    return _median_ms(lambda: side.publisher.publish(topic=topic, messages=[{"data": b"x" * 200}]), CALLS)


def _push_ms(side: Side) -> float:
    """One after the other: from the call to the arrival."""
    arrivals, waits = Arrivals(), list[float]()
    with HttpServer(arrivals) as server:
        topic, name = side.topic(push_config={"push_endpoint": server.url})
        for _ in range(PUSHES):
            began = time.perf_counter()
            side.publisher.publish(topic=topic, messages=[{"data": b"x"}])
            assert arrivals.came.acquire(timeout=PATIENCE_S)
            waits.append((arrivals.moments[-1] - began) * 1000)
        side.subscriber.delete_subscription(subscription=name)
    return statistics.median(waits)


def _streamed_per_s(side: Side) -> float:
    """With Google's high-level subscriber, everything published before it begins."""
    topic, name = side.topic(ack_deadline_seconds=600)
    for start in range(0, STREAMED, 500):
        side.publisher.publish(topic=topic, messages=[{"data": str(start + number).encode()} for number in range(500)])
    seen, done = set[bytes](), threading.Event()

    def receive(message: Any) -> None:
        seen.add(message.data)
        message.ack()
        if len(seen) == STREAMED:
            done.set()

    client = pubsub_v1.SubscriberClient(transport=SubscriberGrpcTransport(channel=grpc.insecure_channel(side.address)))
    began = time.perf_counter()
    future = client.subscribe(name, callback=receive)
    assert done.wait(PATIENCE_S)
    took = time.perf_counter() - began
    future.cancel()
    future.result()
    client.close()
    return STREAMED / took


def _created_and_dispatched(client: Any) -> tuple[float, float]:
    arrivals, waits = Arrivals(), list[float]()
    with HttpServer(arrivals) as server:
        began = time.perf_counter()
        for _ in range(CALLS):
            called = time.perf_counter()
            client.create_task(parent=QUEUE, task={"http_request": {"url": server.url, "body": b"x"}})
            waits.append((time.perf_counter() - called) * 1000)
        for _ in range(CALLS):
            assert arrivals.came.acquire(timeout=PATIENCE_S)
        return statistics.median(waits), (max(arrivals.moments) - began) * 1000


def _median_ms(work: Any, times: int) -> float:
    waits = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        waits.append((time.perf_counter() - began) * 1000)
    return statistics.median(waits)


def _resident_mb(pid: int) -> float:
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def told(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        beside = f"{row.against} {row.compared.reference:.2f}, ratio {row.compared.ratio:.2f}" if row.compared else row.absent
        yield f"{row.emulator:12} {row.what:45} {row.ours:10.2f} {row.unit:11} {beside}"


if __name__ == "__main__":
    print("\n".join(told(measure())))

"""One submission's way through the suite, recorded: every function's first request and the state of the world it met."""

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import grpc
from werkzeug.wrappers import Request, Response

from emulators.service import HttpEmulator
from infra.fronts import ThreadFront
from infra.provision import DEAD_LETTERS
from infra.seed.loader import Seeded
from infra.suite import GOOGLE, Suite
from shared.domain.chores import CHORES
from shared.domain.ids import DraftId, TraceId
from shared.domain.outbox import Channel, Outgoing, Topic
from shared.ports.store import Create
from tests.bench.scenes import Scene, dumped
from tests.bench.visitors import visited
from tests.pipeline.office import Office
from tests.pipeline.world import MONDAY, World


class RecordingFront(ThreadFront):
    """Serves the functions in this process and keeps what each was asked first; once closed it refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.scenes: dict[str, Scene] = {}
        self.closed = False
        self.suite: Suite | None = None
        self._functions, self.app = self.app, self._record

    def start(self, *, port: int, environment: Mapping[str, str]) -> None:
        super().start(port=port, environment={**environment, "SALES_AGENT_LOG_LEVEL": "ERROR"})

    def _record(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self.closed:
            return Response(status=503)(environ, start_response)
        request = Request(environ)
        body = request.get_data()
        name, _, path = request.path.strip("/").partition("/")
        function = name.replace("-", "_")
        if self.suite is not None and function not in self.scenes:
            headers = {key: value for key, value in request.headers.items() if key not in ("Host", "Connection", "Content-Length")}
            self.scenes[function] = Scene(function, request.method, f"/{path}", headers, body, self.suite.clock.now(), dumped(self.suite))
        answer: Iterable[bytes] = self._functions({**environ, "wsgi.input": io.BytesIO(body)}, start_response)
        return answer


class Counted:
    """A Google emulator whose calls are counted by method."""

    def __init__(self, emulator: Any, tally: Counter[str]) -> None:
        self._emulator, self._tally = emulator, tally

    def __getattr__(self, name: str) -> Any:
        return getattr(self._emulator, name)

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        return [CountingHandler(one, self._tally) for one in self._emulator.handlers()]


class CountingHandler(grpc.GenericRpcHandler):
    def __init__(self, inner: grpc.GenericRpcHandler, tally: Counter[str]) -> None:
        self._inner, self._tally = inner, tally

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        found = self._inner.service(details)
        if found is not None:
            self._tally[details.method.rpartition("/")[2]] += 1
        return found


class Calls:
    """Everything the functions ask of the emulators, counted: gRPC methods by name, HTTP services by service."""

    def __init__(self, suite: Suite) -> None:
        """Before the suite starts."""
        self._suite, self._grpc = suite, Counter[str]()
        for name in GOOGLE:
            suite.emulators[name] = Counted(suite.emulators[name], self._grpc)

    def count(self) -> Counter[str]:
        http = {name: len(one.calls) for name, one in self._suite.emulators.items() if isinstance(one, HttpEmulator)}
        return self._grpc + Counter(http)


@dataclass(frozen=True)
class Recording:
    """A suite at rest that has seen everything once: each function's scene, LIVE, and a counter of calls."""

    suite: Suite
    seeded: Seeded
    scenes: Mapping[str, Scene]
    calls: Calls


@contextmanager
def recorded() -> Iterator[Recording]:
    front = RecordingFront()
    suite = Suite(front=front, frozen_at=MONDAY)
    calls = Calls(suite)
    with suite:
        world = World(suite)
        world.rewind()
        front.suite = suite
        world.submit()
        world.settle()
        run = world.only_run
        _decide(world)
        _let_something_wait(world)
        world.let_come(*(chore.queue for chore in CHORES))
        world.advance(minutes=6)
        world.publish(DEAD_LETTERS, run.model_dump_json(include={"workspace_id", "id"}).encode())
        front.closed = True
        front.scenes |= visited(world, DraftId(run.draft_id or ""))
        yield Recording(suite, world.seeded, front.scenes, calls)


def _decide(world: World) -> None:
    """The draft is written anew, then approved; it leaves once its hold has passed."""
    office = Office(world)
    [draft] = world.drafts
    office.allow_sending(draft.recipient)
    office.ask_anew(draft).raise_for_status()
    world.settle()
    office.approve(draft).raise_for_status()
    world.advance(minutes=1)


def _let_something_wait(world: World) -> None:
    """An outbox entry whose function died before it published: what the sweep is for."""
    hint = world.hints[0]
    world.store.commit(
        Create(
            Outgoing(
                id=f"{hint.id}-received",
                workspace_id=world.workspace_id,
                channel=Channel.EVENT,
                destination=Topic.LEAD_RECEIVED.value,
                payload={"workspace_id": hint.workspace_id, "id": hint.id},
                trace_id=TraceId("0" * 32),
                created_at=world.suite.clock.now() - timedelta(minutes=1),
            )
        )
    )

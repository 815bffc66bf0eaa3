"""One stream of `Listen`: its targets, what it still has to tell, and its end. The engine opens them, `routes` puts them on the wire."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

import grpc

from emulators.firestore.errors import FailedPrecondition, FirestoreError, InvalidArgument
from emulators.firestore.queries import Plan
from emulators.firestore.state import Store
from emulators.firestore.targets import Named, Queried, Selection, Target
from emulators.firestore.wire import ListenResponse, Pb, Status, TargetChange, microseconds, timestamp_of

Planner = Callable[[str, Pb], Plan]


class Listener:
    """Thread-safe: `request` and `take` may be called from different threads, `changed` is the engine's lock and tells of commits.

    Several commits between two looks are told as one snapshot, as the service does under load.
    """

    def __init__(self, store: Store, changed: threading.Condition, now_us: Callable[[], int], planner: Planner) -> None:
        self._store, self._changed, self._now_us, self._planner = store, changed, now_us, planner
        self._targets: dict[int, Target] = {}
        self._outbox: list[Pb] = []
        self._seen = store.version
        self._error: FirestoreError | None = None
        self._closed = False

    def request(self, request: Pb) -> None:
        """Adds or removes a target; what is wrong with a target is told in its removal, what is wrong with the stream ends it."""
        with self._changed:
            try:
                self._take_up(request)
            except FirestoreError as error:
                self._error = error
            self._changed.notify_all()

    def take(self) -> list[Pb]:
        """Waits for the next answers; none once the listener is closed. Raises what ended the stream."""
        with self._changed:
            while not (answers := self.pending()) and not self._closed:
                self._changed.wait()
            return answers

    def pending(self) -> list[Pb]:
        """The answers there are by now, without waiting."""
        with self._changed:
            if self._error is not None:
                raise self._error
            answers, self._outbox = self._outbox, []
            return answers + self._news()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _take_up(self, request: Pb) -> None:
        kind = request.WhichOneof("target_change")
        if kind == "remove_target":
            self._remove(request.remove_target)
        elif kind == "add_target":
            self._add(request.add_target)
        else:
            raise InvalidArgument("A listen request must add or remove a target.")

    def _remove(self, identifier: int) -> None:
        target = self._targets.pop(identifier, None)
        if target is not None:
            self._outbox.append(target.changed(TargetChange.REMOVE))

    def _add(self, wanted: Pb) -> None:
        self._outbox += self._news()
        identifier = wanted.target_id or max(self._targets, default=0) + 1
        if identifier in self._targets:
            raise InvalidArgument(f"Target id {identifier} is already in use.")
        added = ListenResponse(target_change=TargetChange(target_change_type=TargetChange.ADD, target_ids=[identifier]))
        self._outbox.append(added)
        try:
            target = Target(identifier, self._selection(wanted))
        except FirestoreError as error:
            cause = Status(code=error.code, message=str(error))
            refused = TargetChange(target_change_type=TargetChange.REMOVE, target_ids=[identifier], cause=cause)
            self._outbox.append(ListenResponse(target_change=refused))
            return
        self._start(target, wanted)

    def _start(self, target: Target, wanted: Pb) -> None:
        """Tells everything there is, or what has changed since the client was here last."""
        read_us = self._now_us()
        if not self._resumed(target, wanted):
            self._outbox.append(target.changed(TargetChange.RESET))
        self._outbox += target.news(self._store, None, read_us)
        if isinstance(target.selection, Named):
            missing = sorted(target.selection.names - target.known.keys())
            self._outbox += [target.left(self._store, name, read_us) for name in missing]
        self._outbox.append(target.changed(TargetChange.CURRENT, **_stamp(read_us)))
        self._outbox.append(_snapshot(read_us))
        if wanted.once:
            self._outbox.append(target.changed(TargetChange.REMOVE))
        else:
            self._targets[target.id] = target

    def _resumed(self, target: Target, wanted: Pb) -> bool:
        """Whether the client can go on from where it was, if it was anywhere: what it knows then is what there was then."""
        kind = wanted.WhichOneof("resume_type")
        if kind is None:
            return True
        text = wanted.resume_token.decode(errors="replace")
        moment_us = microseconds(wanted.read_time) if kind == "read_time" else int(text) if text.isdecimal() else -1
        with suppress(FailedPrecondition):
            _, found = target.selection.look(self._store.as_of(moment_us), None)
            target.known = {name: record.updated_us for name, record in found.items()}
            return True
        return False

    def _selection(self, wanted: Pb) -> Selection:
        kind = wanted.WhichOneof("target_type")
        if kind == "documents":
            return Named(wanted.documents.documents)
        if kind == "query":
            return Queried(self._planner(wanted.query.parent, wanted.query.structured_query))
        raise InvalidArgument("A target names documents or a query.")

    def _news(self) -> list[Pb]:
        """What commits have changed for the targets since the last look, closed by the moment it is true for."""
        if self._seen == self._store.version:
            return []
        changed = self._store.changed_since(self._seen)
        self._seen = self._store.version
        read_us = self._now_us()
        news = [each for target in self._targets.values() for each in target.news(self._store, changed, read_us)]
        return [*news, _snapshot(read_us)] if news else []


def stream(listener: Listener, requests: Iterable[Pb], context: grpc.ServicerContext) -> Iterator[Pb]:
    """The answers of one gRPC stream until the client leaves; requests are read in a thread of their own."""
    context.add_callback(listener.close)
    threading.Thread(target=_read, args=(listener, requests), name="firestore-listen", daemon=True).start()
    while answers := listener.take():
        yield from answers


def _read(listener: Listener, requests: Iterable[Pb]) -> None:
    with suppress(grpc.RpcError):  # a client that hangs up ends its requests so
        for request in requests:
            listener.request(request)
    listener.close()


def _stamp(read_us: int) -> dict[str, Pb]:
    return {"resume_token": str(read_us).encode(), "read_time": timestamp_of(read_us)}


def _snapshot(read_us: int) -> Pb:
    """Everything told so far is one consistent picture."""
    return ListenResponse(target_change=TargetChange(**_stamp(read_us)))

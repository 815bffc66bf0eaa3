"""Calls the emulators make by themselves: Pub/Sub push, Cloud Tasks, Cloud Scheduler and HubSpot's webhooks wait behind a `Deliveries`."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import grpc
import httpx

from emulators.clock import Clock
from emulators.faults import DELIVERIES, Fault, Faults, Kind
from emulators.grpc_methods import Work
from emulators.holding import Held, Parked
from emulators.push import Answer, Push
from emulators.service import Identity

LONGEST_EXCERPT = 200


Seal = Callable[[Push, datetime], Mapping[str, str]]
"""The headers a request gets at the moment it leaves, anew for every attempt and every duplicate: tokens and signatures."""


def tokens_of(identity: Identity | None) -> Seal:
    """Google's seal: a bearer token for the request's service account. Nobody to mint one means that requests carry none."""

    def seal(push: Push, _: datetime) -> Mapping[str, str]:
        account = push.account
        if account is None or not account.email or identity is None:
            return {}
        if account.scope:
            token = identity.access_token(scope=account.scope, email=account.email)
        else:
            token = identity.token(audience=account.audience or push.url, email=account.email)
        return {"Authorization": f"Bearer {token}"}

    return seal


class Backlog(Protocol):
    """What waits for delivery. Called with the clock's lock held, so every method is brief and asks nobody else."""

    def next_due(self) -> datetime | None:
        """The moment of the earliest item that may be delivered."""

    def take(self, now: datetime) -> Push | None:
        """The request for the earliest item, which is in flight from here on; None only when nothing is due."""

    def answered(self, push: Push, answer: Answer, now: datetime) -> None:
        """The end of that flight; a ticket that is no longer known is ignored."""


@dataclass
class _Flight:
    push: Push
    fault: Fault | None = None


class Deliveries:
    """Takes from a backlog what is due, delivers it on a bounded number of threads and hands the answers back. `mounts` serve addresses
    that are not HTTP, as httpx mounts them.

    State changes happen under the clock's own lock, so `next_due` and `in_flight` never contradict each other between services. Whoever
    changes the backlog does so under that lock too and calls `clock.notify()`.
    """

    def __init__(
        self,
        backlog: Backlog,
        *,
        name: str,
        clock: Clock,
        faults: Faults,
        seal: Seal,
        at_once: int = 8,
        mounts: Mapping[str, httpx.BaseTransport] | None = None,
    ) -> None:
        self._backlog, self._clock, self._faults, self._seal = backlog, clock, faults, seal
        self._at_once, self._in_flight, self._closed = at_once, 0, False
        self._held, self._parked = Held(), Parked()
        faults.know([f"{name}.deliver.*"], DELIVERIES)
        # The environment's proxies do not lead to loopback, and an idle connection to a function may be closed under us.
        self._http = httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0), mounts=mounts)
        self._dispatcher = threading.Thread(target=self._dispatch, name=f"{name}-deliveries", daemon=True)
        self._dispatcher.start()

    def next_due(self) -> datetime | None:
        with self._clock.changed:
            moments = (self._backlog.next_due(), self._held.next_due(), self._parked.next_due())
            return min((moment for moment in moments if moment is not None), default=None)

    def in_flight(self) -> int:
        with self._clock.changed:
            return self._in_flight

    def hold(self) -> None:
        """Keep what becomes due from now on until it is released."""
        with self._clock.changed:
            self._parked.holding = True

    def release(self, *, backwards: bool = False) -> list[str]:
        """Let everything held go, one after the other, as it became due or the latest first; answers the tickets in that order."""
        with self._clock.changed:
            released = self._parked.release(self._clock.now(), backwards=backwards)
            self._clock.notify()
            return [push.ticket for push in released]

    def is_held(self, ticket: str) -> bool:
        with self._clock.changed:
            return ticket in self._parked

    def forget_held(self) -> None:
        """For a backlog that was just replaced: what was held back belonged to the old one."""
        with self._clock.changed:
            self._held, self._parked = Held(), Parked()
            self._clock.notify()

    def close(self) -> None:
        """Start nothing more; what is still in flight gets a second to come back and is then abandoned."""
        with self._clock.changed:
            self._closed = True
            self._clock.notify()
        self._dispatcher.join(timeout=5)
        if self._clock.wait_for(lambda: self._in_flight == 0, at_most_s=1.0):
            self._http.close()

    def _dispatch(self) -> None:
        with self._clock.changed:
            while not self._closed:
                flight = self._take() if self._in_flight < self._at_once else None
                if flight is None:
                    self._clock.notify()  # looking may have dropped what was due: it was too old, or its hook is gone
                    self._wait()
                elif flight.fault is not None and flight.fault.kind is Kind.REORDER:
                    self._held.hold_back(flight.push, flight.fault.route, self._clock.now())
                    self._parked.landed(flight.push)
                    self._clock.notify()
                else:
                    self._in_flight += 1
                    self._clock.notify()
                    threading.Thread(target=self._fly, args=(flight,), daemon=True).start()

    def _wait(self) -> None:
        moment = self._wakes_at()
        self._clock.wait_for(lambda: self._closed or self._wakes_at() != moment, until=moment)

    def _wakes_at(self) -> datetime | None:
        return self.next_due() if self._in_flight < self._at_once else None

    def _take(self) -> _Flight | None:
        now = self._clock.now()
        if (push := self._held.take(now)) is not None:
            return _Flight(push)
        push = self._parked.take()
        while push is None and (push := self._backlog.take(now)) is not None and self._parked.holding:
            self._parked.park(push)
            self._clock.notify()
            push = None
        return _Flight(push, self._faults.strike(push.route, now)) if push else None

    def _fly(self, flight: _Flight) -> None:
        answer = Answer(None, "the emulator failed")
        try:
            answer = self._delivered(flight.push, flight.fault)
        finally:
            self._land(flight.push, answer)

    def _land(self, push: Push, answer: Answer) -> None:
        with self._clock.changed:
            self._in_flight -= 1
            now = self._clock.now()
            self._backlog.answered(push, answer, now)
            self._parked.landed(push)
            self._held.overtaken_by(push.route, now)
            self._clock.notify()

    def _delivered(self, push: Push, fault: Fault | None) -> Answer:
        if fault is None:
            return self._send(push)
        if fault.kind is Kind.STATUS:
            return Answer(fault.status, "fault", fault.headers)
        if fault.kind is Kind.DROP_BEFORE:
            return Answer(None, "fault: connection dropped before the request")
        if fault.kind is Kind.DELAY:
            self._clock.wait_for(lambda: self._closed, at_most_s=fault.delay_s)
        if fault.kind is Kind.DUPLICATE:
            self._send(push)
        answer = self._send(push)
        return Answer(None, "fault: connection dropped after the request") if fault.kind is Kind.DROP_AFTER else answer

    def _send(self, push: Push) -> Answer:
        headers = [(name.encode(), value.encode()) for name, value in {**push.headers, **self._seal(push, self._clock.now())}.items()]
        try:
            response = self._http.request(push.method, push.url, content=push.body, headers=headers, timeout=push.timeout_s)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(None, f"{type(error).__name__}: {error}")
        return Answer(response.status_code, response.reason_phrase, response.headers, response.text[:LONGEST_EXCERPT])


class Delivering:
    """The part of an emulator that its `_deliveries` answer for: what the suite and the control routes ask of a Deliverer."""

    _deliveries: Deliveries

    def hold_deliveries(self) -> None:
        """Keep what becomes due from now on until it is released."""
        self._deliveries.hold()

    def release_deliveries(self, *, backwards: bool = False) -> list[str]:
        """Let it go, one after the other; answers the tickets in that order."""
        return self._deliveries.release(backwards=backwards)

    def next_due(self) -> datetime | None:
        return self._deliveries.next_due()

    def in_flight(self) -> int:
        return self._deliveries.in_flight()

    def close(self) -> None:
        self._deliveries.close()


def exclusive(methods: Mapping[str, Work], clock: Clock) -> dict[str, Work]:
    """These methods with the clock's lock around them; everyone who waits hears of it, and the answer is serialized before others write."""

    def locked(work: Work) -> Work:
        def run(request: Any, context: grpc.ServicerContext) -> bytes:
            with clock.changed:
                try:
                    return bytes(work(request, context).SerializeToString())
                finally:
                    clock.notify()

        return run

    return {name: locked(work) for name, work in methods.items()}

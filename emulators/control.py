"""The routes under `/_emulator/`: every HTTP emulator serves them beside its own, the gRPC ones on a small HTTP port next to theirs."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.faults import Fault, Meaningless


@dataclass(frozen=True)
class Order:
    """One control route."""

    method: str
    path: str
    handler: Callable[[Request], Response]


class Control:
    """Tells one emulator or several what to do. With several, `?of=<name>` narrows reset, state and deliveries to one of them."""

    def __init__(self, emulators: Sequence[Any], clock: Clock) -> None:
        self._emulators, self._clock = list(emulators), clock

    def orders(self) -> list[Order]:
        return [
            Order("POST", "/_emulator/faults", self.add_fault),
            Order("DELETE", "/_emulator/faults", self.clear_faults),
            Order("POST", "/_emulator/reset", self.reset),
            Order("GET", "/_emulator/state", self.state),
            Order("PUT", "/_emulator/state", self.load_state),
            Order("GET", "/_emulator/clock", self.time),
            Order("POST", "/_emulator/clock", self.advance),
            Order("POST", "/_emulator/deliveries/hold", self.hold),
            Order("POST", "/_emulator/deliveries/release", self.release),
        ]

    def add_fault(self, request: Request) -> Response:
        """400 for what is no fault, and for one that could never strike here."""
        try:
            fault = Fault.parse(request.get_json())
            self._add(fault)
        except (TypeError, ValueError, KeyError) as error:
            return _refused(f"not a fault: {error}")
        return Response(status=204)

    def clear_faults(self, _: Request) -> Response:
        for emulator in self._emulators:
            emulator.faults.clear()
        return Response(status=204)

    def reset(self, request: Request) -> Response:
        for emulator in self._asked(request):
            emulator.reset()
            emulator.faults.clear()
            getattr(emulator, "calls", []).clear()
        return Response(status=204)

    def state(self, request: Request) -> Response:
        asked = self._asked(request)
        state = asked[0].dump() if len(asked) == 1 else {emulator.name: emulator.dump() for emulator in asked}
        return _answer(state)

    def load_state(self, request: Request) -> Response:
        """The same shape as `state` answers."""
        asked, given = self._asked(request), request.get_json()
        for emulator in asked:
            emulator.load(given if len(asked) == 1 else given[emulator.name])
        return Response(status=204)

    def time(self, _: Request) -> Response:
        return _answer({"now": self._clock.now().isoformat(), "frozen": self._clock.frozen})

    def advance(self, request: Request) -> Response:
        """Body: {"advance_s": 90}. What becomes due is delivered; nobody waits for it here."""
        try:
            self._clock.advance(timedelta(seconds=float(request.get_json()["advance_s"])))
        except (TypeError, ValueError, KeyError, OverflowError) as error:
            return _refused(f'say {{"advance_s": seconds}}: {error}')
        return self.time(request)

    def hold(self, request: Request) -> Response:
        """What becomes due from now on waits until it is released."""
        for emulator in self._delivering(request):
            emulator.hold_deliveries()
        return Response(status=204)

    def release(self, request: Request) -> Response:
        """Body (optional): {"backwards": true}. Answers what goes out now, in that order."""
        backwards = bool((request.get_json(silent=True) or {}).get("backwards"))
        released = [ticket for emulator in self._delivering(request) for ticket in emulator.release_deliveries(backwards=backwards)]
        return _answer({"released": released})

    def _asked(self, request: Request) -> list[Any]:
        name = request.args.get("of")
        return [emulator for emulator in self._emulators if name in (None, emulator.name)]

    def _delivering(self, request: Request) -> list[Any]:
        return [emulator for emulator in self._asked(request) if hasattr(emulator, "hold_deliveries")]

    def _add(self, fault: Fault) -> None:
        """To every emulator whose name the route begins with; Meaningless when none of them has a use for it."""
        named = [one for one in self._emulators if fnmatchcase(one.name, fault.route.partition(".")[0])]
        refusals = [Meaningless(f"{fault.route!r} begins with no name of {', '.join(one.name for one in self._emulators)}")]
        for emulator in named:
            try:
                emulator.faults.add(fault)
            except Meaningless as refusal:
                refusals.append(refusal)
        if len(refusals) > len(named):
            raise refusals[-1]


class ControlDesk:
    """The control routes as a WSGI application by themselves, for emulators that speak gRPC."""

    def __init__(self, emulators: Iterable[Any], clock: Clock) -> None:
        orders = Control(list(emulators), clock).orders()
        self._map = Map([Rule(order.path, methods=[order.method], endpoint=order.handler) for order in orders])

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            handler, _ = self._map.bind_to_environ(environ).match()
            answer: Response = handler(Request(environ))
        except HTTPException as refusal:
            return refusal(environ, start_response)
        return answer(environ, start_response)


def _answer(data: Any) -> Response:
    return Response(json.dumps(data), content_type="application/json; charset=UTF-8")


def _refused(text: str) -> Response:
    return Response(f"{text}\n", 400)

"""Control routes of the HubSpot emulator besides the usual ones: seed it, configure its hooks, watch and repeat its deliveries."""

from collections.abc import Callable

from werkzeug.wrappers import Request, Response

from emulators.hubspot.announcer import Announcer
from emulators.hubspot.errors import HubSpotError
from emulators.hubspot.guarding import Doorkeeper
from emulators.hubspot.limits import Limits, Meter
from emulators.hubspot.state import Portal
from emulators.service import Route, json_response


class Control:
    def __init__(self, portal: Portal, announcer: Announcer, doors: Doorkeeper, is_held: Callable[[str], bool]) -> None:
        self.portal, self.announcer, self.doors, self._is_held = portal, announcer, doors, is_held

    def routes(self) -> list[Route]:
        return [
            Route("PUT", "/_emulator/seed", self.seed, "_seed"),
            Route("PUT", "/_emulator/limits", self.limit, "_limits"),
            Route("GET", "/_emulator/hooks", self.hooks, "_hooks"),
            Route("POST", "/_emulator/hooks", self.add_hooks, "_add_hooks"),
            Route("DELETE", "/_emulator/hooks", self.clear_hooks, "_clear_hooks"),
            Route("GET", "/_emulator/deliveries", self.deliveries, "_deliveries"),
            Route("POST", "/_emulator/deliveries/<delivery_id>/again", self.again, "_again"),
        ]

    def seed(self, request: Request) -> Response:
        try:
            self.portal.seed(request.get_json())
        except (HubSpotError, KeyError, TypeError, ValueError) as error:
            return Response(f"not a seed: {error}\n", 400)
        return Response(status=204)

    def limit(self, request: Request) -> Response:
        """Body: {"per_second": 19, "per_ten_seconds": 190, "per_day": 650000, "search_per_second": 5}, each optional; {} lifts them all."""
        try:
            self.doors.meter = Meter(Limits(**request.get_json()))
        except TypeError as error:
            return Response(f"not limits: {error}\n", 400)
        return Response(status=204)

    def hooks(self, _request: Request) -> Response:
        return json_response({"hooks": [hook.to_json() for hook in self.announcer.hooks.values()]})

    def add_hooks(self, request: Request) -> Response:
        """Body: {"hooks": [{url, shape, ...}]}; answers them with their ids."""
        try:
            added = self.announcer.configure(request.get_json()["hooks"])
        except (KeyError, TypeError, ValueError) as error:
            return Response(f"not a hook: {error}\n", 400)
        return json_response({"hooks": [hook.to_json() for hook in added]}, 201)

    def clear_hooks(self, _request: Request) -> Response:
        self.announcer.hooks.clear()
        return Response(status=204)

    def deliveries(self, _request: Request) -> Response:
        """Each with its attempts; one that waits to be released has the status `held`."""
        held = {"status": "held"}
        rows = [row.to_json() | (held if self._is_held(row.id) else {}) for row in self.announcer.outbox.all()]
        return json_response({"deliveries": rows})

    def again(self, _request: Request, delivery_id: str) -> Response:
        try:
            repeated = self.announcer.outbox.again(delivery_id)
        except KeyError:
            return Response(f"no delivery {delivery_id}\n", 404)
        return json_response(repeated.to_json(), 201)

"""Control routes of the HubSpot emulator: seed it, configure its hooks, watch, hold, release and repeat its deliveries."""

from werkzeug.wrappers import Request, Response

from emulators.hubspot.announcer import Announcer
from emulators.hubspot.errors import HubSpotError
from emulators.hubspot.state import Portal
from emulators.service import Route, json_response


class Control:
    def __init__(self, portal: Portal, announcer: Announcer) -> None:
        self.portal, self.announcer = portal, announcer

    def routes(self) -> list[Route]:
        return [
            Route("PUT", "/_emulator/seed", self.seed, "_seed"),
            Route("GET", "/_emulator/hooks", self.hooks, "_hooks"),
            Route("POST", "/_emulator/hooks", self.add_hooks, "_add_hooks"),
            Route("DELETE", "/_emulator/hooks", self.clear_hooks, "_clear_hooks"),
            Route("GET", "/_emulator/deliveries", self.deliveries, "_deliveries"),
            Route("POST", "/_emulator/deliveries/hold", self.hold, "_hold"),
            Route("POST", "/_emulator/deliveries/release", self.release, "_release"),
            Route("POST", "/_emulator/deliveries/<delivery_id>/again", self.again, "_again"),
        ]

    def seed(self, request: Request) -> Response:
        try:
            self.portal.seed(request.get_json())
        except (HubSpotError, KeyError, TypeError, ValueError) as error:
            return Response(f"not a seed: {error}\n", 400)
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
        return json_response({"deliveries": [delivery.to_json() for delivery in self.announcer.outbox.all()]})

    def hold(self, _request: Request) -> Response:
        self.announcer.outbox.holding = True
        return Response(status=204)

    def release(self, request: Request) -> Response:
        """Body (optional): {"backwards": true}."""
        backwards = bool((request.get_json(silent=True) or {}).get("backwards"))
        released = self.announcer.outbox.release(backwards=backwards)
        return json_response({"released": [delivery.id for delivery in released]})

    def again(self, _request: Request, delivery_id: str) -> Response:
        try:
            repeated = self.announcer.outbox.again(delivery_id)
        except KeyError:
            return Response(f"no delivery {delivery_id}\n", 404)
        return json_response(repeated.to_json(), 201)

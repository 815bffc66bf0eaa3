"""slack.com/api and hooks.slack.com as one HTTP service, and what Slack sends to an app by itself."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.delivering import Deliveries, Delivering
from emulators.faults import Fault
from emulators.past import Memory
from emulators.push import Push
from emulators.service import HttpEmulator, Route, json_response
from emulators.slack.errors import RateLimited, SlackError, WebhookError
from emulators.slack.files import UPLOAD, Files
from emulators.slack.interacting import Interactions
from emulators.slack.responses import Methods
from emulators.slack.sending import Sending, Sendings
from emulators.slack.signing import signature_headers
from emulators.slack.state import Workspace
from emulators.slack.webhooks import Webhooks

TOKEN, SIGNING_SECRET = "xoxb-emulated-token", "emulated-signing-secret"
READS = ("auth.test", "chat.getPermalink", "reactions.get")
ACTIONS = ("press", "submit", "close", "command", "event", "mention", "verify")


class SlackEmulator(Delivering, HttpEmulator):
    """Fault routes: `slack.<method>` (slack.chat.postMessage), `slack.webhooks`, and `slack.deliver.<kind>` for what is sent out.

    `people` does to the app what people do: `emulator.people.press(...)`; call `connect` first, so that there are addresses.
    """

    def __init__(self, clock: Clock, *, token: str = TOKEN, signing_secret: str = SIGNING_SECRET) -> None:
        self.token, self.signing_secret = token, signing_secret
        self.workspace, self.sendings = Workspace(), Sendings(clock)
        self.people = Interactions(self.workspace, self.sendings, clock)
        self._webhooks, self._files = Webhooks(self.workspace, clock), Files(self.workspace)
        super().__init__("slack", clock, self._routes())
        self._memory = Memory(self._past, lock=self.lock, state=self.workspace, load=self._recall, reads=())
        self._deliveries = Deliveries(self.sendings, name=self.name, clock=clock, faults=self.faults, seal=self._signature)

    # In Python
    def seed(self, data: Mapping[str, Any]) -> None:
        with self.lock:
            self.workspace.seed(data)

    def connect(self, *, host: str = "", **urls: str) -> None:
        """The app's `events_url`, `interactivity_url` and `commands_url`; `host` is this emulator's own address, for response URLs."""
        with self.lock:
            self.people.host = host or self.people.host
            self.workspace.app.update(urls)

    def limit(self, **per_minute: int) -> None:
        """Calls per minute by method, dots written as underscores (`chat_postMessage=60`, `everything=100`)."""
        with self.lock:
            self.workspace.limits = {"*" if name == "everything" else name.replace("_", "."): most for name, most in per_minute.items()}

    def incoming_webhook(self, channel: str) -> str:
        """The path of a new incoming webhook."""
        with self.lock:
            return self.workspace.new_hook(channel, None, None)

    def sent(self) -> list[Sending]:
        return self.sendings.all()

    def send_again(self, sending_id: str) -> Sending:
        """A duplicate of what was sent; KeyError for an unknown id."""
        return self.sendings.again(sending_id)

    def _signature(self, push: Push, now: datetime) -> Mapping[str, str]:
        return signature_headers(self.signing_secret, push.body, int(now.timestamp()))

    def _recall(self, state: Any) -> None:
        self.workspace.load(state["workspace"])

    def earlier(self, fault: Fault) -> AbstractContextManager[None]:
        """The workspace as it was; what is on its way to the app stays on its way."""
        return self._memory.earlier(fault)

    # Emulator
    def reset(self) -> None:
        with self.lock, self.clock.changed:
            self.workspace.clear()
            self.sendings.clear()
            self._deliveries.forget_held()

    def dump(self) -> dict[str, Any]:
        with self.lock, self.clock.changed:
            kept: dict[str, Any] = json.loads(json.dumps({"workspace": self.workspace.dump(), "sendings": self.sendings.dump()}))
            return kept

    def load(self, data: Mapping[str, Any]) -> None:
        with self.lock, self.clock.changed:
            self.workspace.load(json.loads(json.dumps(data["workspace"])))
            self.sendings.load(data["sendings"])
            self._deliveries.forget_held()

    def error_response(self, error: Exception) -> Response | None:
        if isinstance(error, RateLimited):
            return json_response(error.body(), 429, {"Retry-After": str(error.wait_s)})
        if isinstance(error, WebhookError):
            return Response(error.text, error.status, content_type="text/html")
        return json_response(error.body()) if isinstance(error, SlackError) else None

    def not_routed(self, request: Request, error: HTTPException) -> Response:
        if request.path.startswith("/api/"):
            return json_response(SlackError("unknown_method", req_method=request.path.removeprefix("/api/")).body())
        return super().not_routed(request, error)

    # Routes
    def _routes(self) -> list[Route]:
        do = Methods(self.workspace)
        plain: dict[str, Callable[[Mapping[str, Any], datetime], dict[str, Any]]] = {
            "api.test": do.api_test, "auth.test": do.auth_test, "chat.postMessage": do.post_message, "chat.update": do.update,
            "chat.postEphemeral": do.post_ephemeral, "chat.delete": do.delete, "chat.getPermalink": do.permalink,
            "conversations.list": do.list_channels, "conversations.info": do.channel_info, "conversations.open": do.open,
            "conversations.history": do.history, "conversations.replies": do.replies, "users.info": do.user_info,
            "users.lookupByEmail": do.user_by_email, "users.list": do.list_users, "views.open": do.open_view,
            "views.update": do.update_view, "views.publish": do.publish_view, "reactions.add": do.add_reaction,
            "reactions.remove": do.remove_reaction, "reactions.get": do.get_reactions,
            "files.completeUploadExternal": self._files.complete,
        }  # fmt: skip
        methods = [_both(name, self._method(name, work)) for name, work in plain.items()]
        methods.append(_both("files.getUploadURLExternal", self._upload_address))
        hooks = [Route("POST", f"/{kind}/<a>/<b>/<c>", self._webhooks.receive, "webhooks") for kind in ("services", "actions")]
        return [*(route for pair in methods for route in pair), *hooks, *self._own_routes()]

    def _own_routes(self) -> list[Route]:
        return [
            Route("POST", UPLOAD, self._files.receive, "files.upload"),
            Route("PUT", "/_emulator/seed", self._seed, "_seed"),
            Route("PUT", "/_emulator/app", self._connect, "_app"),
            Route("POST", "/_emulator/people/<action>", self._act, "_act"),
            Route("GET", "/_emulator/deliveries", self._sent, "_deliveries"),
        ]

    def _method(self, name: str, work: Callable[[Mapping[str, Any], datetime], dict[str, Any]]) -> Callable[[Request], Response]:
        def handle(request: Request) -> Response:
            args = self._admitted(name, request)
            return json_response({"ok": True, **work(args, self.clock.now())})

        return handle

    def _upload_address(self, request: Request) -> Response:
        args = self._admitted("files.getUploadURLExternal", request)
        return json_response({"ok": True, **self._files.address(args, request.host_url)})

    def _admitted(self, name: str, request: Request) -> Mapping[str, Any]:
        """The arguments, wherever they came from; token first, then the rate (of posting: by conversation)."""
        args = _arguments(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip() or str(args.get("token") or "")
        if name != "api.test" and token != self.token:
            raise SlackError("invalid_auth" if token else "not_authed")
        place = f"{name}/{args.get('channel')}" if name == "chat.postMessage" else name
        self.workspace.admit(place, name, self.clock.now())
        return args

    # Control
    def _seed(self, request: Request) -> Response:
        self.workspace.seed(request.get_json())
        return Response(status=204)

    def _connect(self, request: Request) -> Response:
        """Body: {"events_url": ..., "interactivity_url": ..., "commands_url": ...}."""
        self.people.host = request.host_url
        self.workspace.app.update(request.get_json())
        return Response(status=204)

    def _act(self, request: Request, action: str) -> Response:
        """Body: the arguments of press, submit, close, command, event, mention or verify."""
        if action not in ACTIONS:
            return Response(f"no action {action}; there are {', '.join(ACTIONS)}\n", 404)
        given = request.get_json(silent=True) or {}
        try:
            sending = self.people.event(given) if action == "event" else getattr(self.people, action)(**given)
        except (KeyError, TypeError) as error:
            return Response(f"not possible: {error!r}\n", 400)
        return json_response(sending.to_json(), 201)

    def _sent(self, _: Request) -> Response:
        return json_response({"deliveries": [one.to_json() for one in self.sent()]})


def _both(name: str, handler: Callable[[Request], Response]) -> list[Route]:
    """Slack takes GET and POST for every method."""
    reads = name in READS or (name.startswith(("conversations.", "users.")) and name != "conversations.open")
    return [Route(verb, f"/api/{name}", handler, name, reads=reads) for verb in ("GET", "POST")]


def _arguments(request: Request) -> dict[str, Any]:
    args: dict[str, Any] = dict(request.args)
    if request.is_json:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise SlackError("invalid_json")
        return args | body
    return args | dict(request.form)

"""Handlers of an app: OAuth tokens, and the settings and subscriptions of its webhooks, which become one hook of the announcer."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from emulators.hubspot.announcer import Announcer
from emulators.hubspot.bodies import batch_response, json_body
from emulators.hubspot.errors import HubSpotError, invalid, resource_not_found
from emulators.hubspot.guarding import Guard, Table
from emulators.hubspot.hooks import Hook, Shape
from emulators.hubspot.oauth import DEFAULT_SCOPES, OAuth
from emulators.hubspot.schema import OBJECT_TYPES
from emulators.hubspot.stamps import iso
from emulators.hubspot.state import Portal
from emulators.service import Route, json_response

HOOK_ID = "app"
HAPPENINGS = ("creation", "deletion", "privacyDeletion", "merge", "propertyChange", "restore", "associationChange")


class AppResponses:
    """`settings` is None until the app has a target address; subscriptions are kept by id."""

    def __init__(self, portal: Portal, announcer: Announcer, oauth: OAuth, app_id: int) -> None:
        self.portal, self.announcer, self.oauth, self.app_id = portal, announcer, oauth, app_id
        self.clear()

    def clear(self) -> None:
        self.settings: dict[str, Any] | None = None
        self.subscriptions: dict[str, dict[str, Any]] = {}

    def routes(self, guard: Guard) -> list[Route]:
        app = "/webhooks/v3/<int:app_id>"
        table: Table = [
            ("GET", "/settings", self.get_settings, "settings.get"),
            ("PUT", "/settings", self.put_settings, "settings.update"),
            ("DELETE", "/settings", self.clear_settings, "settings.archive"),
            ("GET", "/subscriptions", self.page, "list"),
            ("POST", "/subscriptions", self.create, "create"),
            ("POST", "/subscriptions/batch/update", self.batch_update, "batch_update"),
            ("GET", "/subscriptions/<subscription_id>", self.get, "get"),
            ("PATCH", "/subscriptions/<subscription_id>", self.update, "update"),
            ("DELETE", "/subscriptions/<subscription_id>", self.archive, "archive"),
        ]
        webhooks = [Route(method, f"{app}{rest}", guard(handler), f"webhooks.{action}") for method, rest, handler, action in table]
        return [*webhooks, *self._oauth_routes(guard)]

    def _oauth_routes(self, guard: Guard) -> list[Route]:
        return [
            Route("GET", "/oauth/authorize", guard(self.authorize, public=True), "oauth.authorize"),
            Route("POST", "/oauth/v1/token", guard(self.token, public=True), "oauth.token"),
            Route("POST", "/oauth/v3/token", guard(self.token, public=True), "oauth.token"),
            Route("GET", "/oauth/v1/access-tokens/<token>", guard(self.access_token, public=True), "oauth.access_token"),
            Route("GET", "/oauth/v1/refresh-tokens/<token>", guard(self.refresh_token, public=True), "oauth.refresh_token"),
            Route("DELETE", "/oauth/v1/refresh-tokens/<token>", guard(self.revoke, public=True), "oauth.revoke"),
        ]

    # OAuth
    def authorize(self, request: Request) -> Response:
        """Consents at once and sends the browser back with a code."""
        redirect_uri = request.args.get("redirect_uri", "")
        if request.args.get("client_id") != self.oauth.client_id or not redirect_uri:
            raise invalid("Couldn't find an app with this client id and redirect URI")
        scopes = request.args.get("scope", "").split() or list(DEFAULT_SCOPES)
        query = {"code": self.oauth.authorize(redirect_uri, scopes, self.portal.clock.now())}
        if "state" in request.args:
            query["state"] = request.args["state"]
        return Response(status=302, headers={"Location": f"{redirect_uri}?{urlencode(query)}"})

    def token(self, request: Request) -> Response:
        return json_response(self.oauth.exchange(request.form, self.portal.clock.now()))

    def access_token(self, _request: Request, token: str) -> Response:
        info = self.oauth.access_info(token, self.portal.clock.now())
        return json_response({**info, **self._account(), "app_id": self.app_id})

    def refresh_token(self, _request: Request, token: str) -> Response:
        return json_response({**self.oauth.refresh_info(token), **self._account()})

    def revoke(self, _request: Request, token: str) -> Response:
        self.oauth.revoke(token)
        return Response(status=204)

    def _account(self) -> dict[str, Any]:
        return {
            "hub_id": self.portal.portal_id,
            "hub_domain": f"emulated-{self.portal.portal_id}.example",
            "user": "owner@emulated.example",
        }

    # Webhooks
    def get_settings(self, _request: Request, app_id: int) -> Response:
        self._own(app_id)
        if self.settings is None:
            raise resource_not_found()
        return json_response(self.settings)

    def put_settings(self, request: Request, app_id: int) -> Response:
        self._own(app_id)
        body, now = json_body(request), iso(self.portal.clock.now())
        if not str(body.get("targetUrl", "")).startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise invalid("targetUrl must be an https address", context={"targetUrl": [str(body.get("targetUrl"))]})
        if not isinstance((body.get("throttling") or {}).get("maxConcurrentRequests"), int):
            raise invalid("throttling.maxConcurrentRequests is required")
        created = self.settings["createdAt"] if self.settings else now
        self.settings = {"targetUrl": body["targetUrl"], "throttling": body["throttling"], "createdAt": created, "updatedAt": now}
        self._hook()
        return json_response(self.settings)

    def clear_settings(self, _request: Request, app_id: int) -> Response:
        self._own(app_id)
        self.settings = None
        self._hook()
        return Response(status=204)

    def page(self, _request: Request, app_id: int) -> Response:
        self._own(app_id)
        return json_response({"results": list(self.subscriptions.values())})

    def get(self, _request: Request, app_id: int, subscription_id: str) -> Response:
        return json_response(self._subscription(app_id, subscription_id))

    def create(self, request: Request, app_id: int) -> Response:
        """One subscription per event and property; inactive unless it says otherwise."""
        self._own(app_id)
        body, now = json_body(request), iso(self.portal.clock.now())
        wanted = {key: body[key] for key in ("eventType", "propertyName", "objectTypeId") if body.get(key)}
        _check(wanted)
        if any(
            all(row.get(key) == wanted.get(key) for key in ("eventType", "propertyName", "objectTypeId"))
            for row in self.subscriptions.values()
        ):
            raise HubSpotError(409, f"A subscription for {wanted['eventType']} already exists", category="CONFLICT")
        row = {"id": self.portal.new_id(), **wanted, "active": bool(body.get("active", False)), "createdAt": now, "updatedAt": now}
        self.subscriptions[row["id"]] = row
        self._hook()
        return json_response(row, 201)

    def update(self, request: Request, app_id: int, subscription_id: str) -> Response:
        row = self._subscription(app_id, subscription_id)
        row.update(active=bool(json_body(request).get("active", row["active"])), updatedAt=iso(self.portal.clock.now()))
        self._hook()
        return json_response(row)

    def batch_update(self, request: Request, app_id: int) -> Response:
        rows, errors, now = [], [], self.portal.clock.now()
        for wish in json_body(request).get("inputs") or ():
            try:
                row = self._subscription(app_id, str(wish["id"]))
                row.update(active=bool(wish["active"]), updatedAt=iso(now))
                rows.append(row)
            except HubSpotError as error:
                errors.append(error.batch_entry())
        self._hook()
        return batch_response(rows, errors, now)

    def archive(self, _request: Request, app_id: int, subscription_id: str) -> Response:
        self._own(app_id)
        self.subscriptions.pop(subscription_id, None)
        self._hook()
        return Response(status=204)

    def dump(self) -> dict[str, Any]:
        return {"settings": self.settings, "subscriptions": list(self.subscriptions.values()), "oauth": self.oauth.dump()}

    def load(self, data: Mapping[str, Any]) -> None:
        self.settings, self.subscriptions = data["settings"], {row["id"]: dict(row) for row in data["subscriptions"]}
        self.oauth.load(data["oauth"])

    def _own(self, app_id: int) -> None:
        if app_id != self.app_id:
            raise HubSpotError(404, f"No app {app_id}", category="OBJECT_NOT_FOUND")

    def _subscription(self, app_id: int, subscription_id: str) -> dict[str, Any]:
        self._own(app_id)
        if subscription_id not in self.subscriptions:
            raise resource_not_found()
        return self.subscriptions[subscription_id]

    def _hook(self) -> None:
        """What the announcer knows of this app: one address, the active subscriptions."""
        active = {_key(row): int(row["id"]) for row in self.subscriptions.values() if row["active"]}
        if self.settings is None or not active:
            self.announcer.hooks.pop(HOOK_ID, None)
            return
        url = str(self.settings["targetUrl"])
        self.announcer.hooks[HOOK_ID] = Hook(HOOK_ID, url, Shape.SUBSCRIPTION, events=tuple(active), ids=active)


def _key(row: Mapping[str, Any]) -> str:
    typed = f"{row['eventType']}[{row['objectTypeId']}]" if row.get("objectTypeId") else str(row["eventType"])
    return f"{typed}:{row['propertyName']}" if row.get("propertyName") else typed


def _check(wanted: Mapping[str, Any]) -> None:
    subject, _, happening = str(wanted.get("eventType", "")).partition(".")
    if subject not in {"object", *(kind.singular for kind in OBJECT_TYPES)} or happening not in HAPPENINGS:
        raise invalid(
            f"eventType {wanted.get('eventType')!r} is not one of HubSpot's", context={"eventType": [str(wanted.get("eventType"))]}
        )
    if happening == "propertyChange" and not wanted.get("propertyName"):
        raise invalid("A propertyChange subscription needs a propertyName")
    if subject == "object" and not wanted.get("objectTypeId"):
        raise invalid("An object subscription needs an objectTypeId")

"""The HubSpot emulator: its routes by object type, authentication, rate limits, and its Python API for seeds and hooks."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.delivering import Deliveries
from emulators.faults import Fault
from emulators.hubspot.announcer import Announcer
from emulators.hubspot.association_responses import AssociationResponses
from emulators.hubspot.control import Control
from emulators.hubspot.errors import HubSpotError, not_authenticated, resource_not_found, unknown_object_type
from emulators.hubspot.form_responses import FormResponses
from emulators.hubspot.hooks import Hook
from emulators.hubspot.limits import Limits, Meter
from emulators.hubspot.outbox import Delivery
from emulators.hubspot.responses import ObjectResponses
from emulators.hubspot.schema import BY_ALIAS, OBJECT_TYPES
from emulators.hubspot.state import Portal
from emulators.service import Handler, HttpEmulator, Route, json_response

PORTAL_ID, APP_ID = 4_400_001, 9_300_001
TOKEN, CLIENT_SECRET = "pat-emulated-token", "emulated-client-secret"
AT_ONCE = 10
"""How many requests HubSpot keeps open to an app unless its settings say otherwise (developers.hubspot.com, webhooks: throttling)."""
PREFIXES = ("/crm/v3/objects", "/crm/objects/2026-09")


class HubSpotEmulator(HttpEmulator):
    """One portal. Also a Deliverer: it calls the configured hooks by itself, on the clock it was given."""

    def __init__(
        self,
        clock: Clock,
        *,
        portal_id: int = PORTAL_ID,
        token: str = TOKEN,
        client_secret: str = CLIENT_SECRET,
        app_id: int = APP_ID,
        limits: Limits | None = None,
        index_lag: timedelta = timedelta(0),
    ) -> None:
        self.portal_id, self.token, self.client_secret, self.app_id = portal_id, token, client_secret, app_id
        self.portal, self.meter = Portal(clock, portal_id), Meter(limits or Limits())
        self.announcer = Announcer(self.portal, app_id, client_secret)
        self.outbox = self.announcer.outbox
        self.objects = ObjectResponses(self.portal, self.announcer, index_lag)
        self.associations, self.forms = AssociationResponses(self.portal), FormResponses(self.portal, self.announcer)
        self.control = Control(self.portal, self.announcer, lambda delivery_id: self._deliveries.is_held(delivery_id))
        super().__init__("hubspot", clock, [*self._object_routes(), *self._other_routes(), *self.control.routes()])
        seal = self.announcer.signature
        self._deliveries = Deliveries(self.outbox, name="hubspot", clock=clock, faults=self.faults, seal=seal, at_once=AT_ONCE)

    # For seeds, hooks and what was delivered
    def seed(self, data: Mapping[str, Any]) -> None:
        """See Portal.seed; hooks hear nothing of it. Raises HubSpotError for records HubSpot would refuse."""
        with self.lock:
            self.portal.seed(data)

    def add_hooks(self, hooks: Sequence[Mapping[str, Any]]) -> list[Hook]:
        """`{url, shape, signature, events, ...}` each, see Hook; raises TypeError, ValueError or KeyError for a bad one."""
        with self.lock:
            return self.announcer.configure(hooks)

    def deliveries(self) -> list[Delivery]:
        return self.outbox.all()

    def deliver_again(self, delivery_id: str) -> Delivery:
        """Send a known delivery once more, as HubSpot's own duplicates do; KeyError for an unknown id."""
        return self.outbox.again(delivery_id)

    def hold_deliveries(self) -> None:
        """Keep what arises from now on until it is released."""
        self._deliveries.hold()

    def release_deliveries(self, *, backwards: bool = False) -> list[str]:
        """Let it go, one after the other; answers the ids in that order."""
        return self._deliveries.release(backwards=backwards)

    # Deliverer
    def next_due(self) -> datetime | None:
        return self._deliveries.next_due()

    def in_flight(self) -> int:
        return self._deliveries.in_flight()

    # Emulator
    def reset(self) -> None:
        with self.lock:
            self.announcer.hooks.clear()
            self.outbox.clear()
            self._deliveries.forget_held()
            self.portal.clear()

    def dump(self) -> dict[str, Any]:
        with self.lock:
            return {"portal": self.portal.dump(), "announcer": self.announcer.dump(), "outbox": self.outbox.dump()}

    def load(self, data: Mapping[str, Any]) -> None:
        with self.lock:
            self.reset()
            self.portal.load(data["portal"])
            self.announcer.load(data["announcer"])
            self.outbox.load(data["outbox"])

    def close(self) -> None:
        self._deliveries.close()

    def error_response(self, error: Exception) -> Response | None:
        if not isinstance(error, HubSpotError):
            return None
        with self.lock:
            return json_response(error.body(self.portal.correlation_id()), error.status, error.headers)

    def not_routed(self, request: Request, error: HTTPException) -> Response:
        """An unknown object type is a 400 of its own, everything else the bare 404 or 405."""
        named = next((request.path[len(prefix) + 1 :].split("/")[0] for prefix in PREFIXES if request.path.startswith(f"{prefix}/")), "")
        refusal = unknown_object_type(named) if named and named not in BY_ALIAS else resource_not_found()
        refusal.status = error.code or 404 if named in ("", *BY_ALIAS) else refusal.status
        answer = self.error_response(refusal)
        return answer if answer is not None else super().not_routed(request, error)

    def earlier(self, fault: Fault) -> AbstractContextManager[None]:
        """Records and associations know their versions, so a stale answer needs no copy and disturbs no delivery."""
        return self.portal.as_of_earlier(fault.age)

    def _object_routes(self) -> Iterator[Route]:
        """One route per type, so that faults can tell notes from contacts."""
        for kind in OBJECT_TYPES:
            alias = ", ".join(f'"{name}"' for name in kind.aliases)
            for prefix in PREFIXES:
                for method, rest, handler, action, flags in self._object_table():
                    path = f"{prefix}/<any({alias}):object_type>{rest}"
                    yield Route(method, path, self._guarded(handler, **flags), f"{kind.name}.{action}", reads="writes" not in flags)

    def _object_table(self) -> list[tuple[str, str, Handler, str, dict[str, bool]]]:
        do, writes = self.objects, {"writes": True}
        return [
            ("GET", "", do.page, "list", {}),
            ("POST", "", do.create, "create", writes),
            ("POST", "/merge", do.merge, "merge", writes),
            ("POST", "/search", do.search, "search", {"search": True}),
            ("POST", "/batch/read", do.batch_read, "batch_read", {}),
            ("POST", "/batch/create", do.batch_create, "batch_create", writes),
            ("POST", "/batch/update", do.batch_update, "batch_update", writes),
            ("POST", "/batch/archive", do.batch_archive, "batch_archive", writes),
            ("GET", "/<object_id>", do.get, "get", {}),
            ("PATCH", "/<object_id>", do.update, "update", writes),
            ("DELETE", "/<object_id>", do.archive, "archive", writes),
        ]

    def _other_routes(self) -> list[Route]:
        guard, links, forms = self._guarded, self.associations, self.forms
        pair = "/crm/v4/objects/<object_type>/<object_id>/associations/<to_type>"
        plain = "/crm/v4/objects/<object_type>/<object_id>/associations/default/<to_type>/<to_id>"
        submit = "/submissions/v3/integration/<int:portal_id>/<form_id>"
        return [
            Route("GET", pair, guard(links.page), "associations.list"),
            Route("PUT", plain, guard(links.put_default, writes=True), "associations.create_default"),
            Route("PUT", f"{pair}/<to_id>", guard(links.put, writes=True), "associations.create"),
            Route("DELETE", f"{pair}/<to_id>", guard(links.delete, writes=True), "associations.archive"),
            Route(
                "POST",
                "/crm/v4/associations/<from_type>/<to_type>/batch/read",
                guard(links.batch_read),
                "associations.batch_read",
                reads=True,
            ),
            Route("GET", "/crm/v3/owners", guard(forms.owners), "owners.list"),
            Route("GET", "/crm/v3/owners/<owner_id>", guard(forms.owner), "owners.get"),
            Route("GET", "/marketing/v3/forms", guard(forms.forms), "forms.list"),
            Route("GET", "/marketing/v3/forms/<form_id>", guard(forms.form), "forms.get"),
            Route("GET", "/form-integrations/v1/submissions/forms/<form_id>", guard(forms.submissions), "submissions.list"),
            Route("GET", "/account-info/v3/details", guard(forms.account), "account.get"),
            Route("POST", submit.replace("/<int", "/submit/<int"), guard(forms.submit, writes=True, public=True), "submissions.create"),
            Route("POST", submit.replace("/<int", "/secure/submit/<int"), guard(forms.submit_secure, writes=True), "submissions.create"),
        ]

    def _guarded(self, handler: Handler, *, writes: bool = False, search: bool = False, public: bool = False) -> Handler:
        """Authentication, rate limit and headers around a handler; a refused write is undone."""

        @functools.wraps(handler)
        def guarded(request: Request, **values: Any) -> Response:
            if not public and request.headers.get("Authorization") != f"Bearer {self.token}":
                raise not_authenticated()
            self.meter.count(self.clock.now(), self.portal.correlation_id(), search=search)
            response = self._written(handler, request, values) if writes else handler(request, **values)
            if not search:
                response.headers.update(self.meter.headers(self.clock.now()))
            return response

        return guarded

    def _written(self, handler: Handler, request: Request, values: Mapping[str, Any]) -> Response:
        self.portal.open_write()
        try:
            return handler(request, **values)
        except HubSpotError:
            self.portal.undo_write()
            raise

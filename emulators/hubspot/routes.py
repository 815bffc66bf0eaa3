"""The HubSpot emulator: its routes by object type, authentication, rate limits, and its Python API for seeds and hooks."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, Protocol

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.delivering import Deliveries, Delivering
from emulators.faults import Fault
from emulators.hubspot.account_responses import AccountResponses
from emulators.hubspot.announcer import Announcer
from emulators.hubspot.app_responses import AppResponses
from emulators.hubspot.association_batches import AssociationBatches
from emulators.hubspot.association_responses import AssociationResponses
from emulators.hubspot.batch_responses import BatchResponses
from emulators.hubspot.control import Control
from emulators.hubspot.errors import HubSpotError, resource_not_found, unknown_object_type
from emulators.hubspot.form_definitions import FormDefinitions
from emulators.hubspot.form_responses import FormResponses
from emulators.hubspot.guarding import Doorkeeper, Guard
from emulators.hubspot.hooks import Hook
from emulators.hubspot.limits import Limits, Meter
from emulators.hubspot.oauth import OAuth
from emulators.hubspot.outbox import Delivery
from emulators.hubspot.pipeline_responses import PipelineResponses
from emulators.hubspot.property_responses import PropertyResponses
from emulators.hubspot.responses import ObjectResponses
from emulators.hubspot.schema import BY_ALIAS, OBJECT_TYPES
from emulators.hubspot.state import Portal
from emulators.service import Handler, HttpEmulator, Route, json_response

PORTAL_ID, APP_ID = 4_400_001, 9_300_001
TOKEN, CLIENT_SECRET = "pat-emulated-token", "emulated-client-secret"
CLIENT_ID, DEVELOPER_KEY = "00000000-0000-4000-8000-00000000c11e", "emulated-developer-key"
AT_ONCE = 10
"""How many requests HubSpot keeps open to an app unless its settings say otherwise (developers.hubspot.com, webhooks: throttling)."""
PREFIXES = ("/crm/v3/objects", "/crm/objects/2026-09")


class Routed(Protocol):
    def routes(self, guard: Guard) -> list[Route]: ...


class HubSpotEmulator(Delivering, HttpEmulator):
    """One portal. Also a Deliverer: it calls the configured hooks by itself, on the clock it was given."""

    def __init__(
        self,
        clock: Clock,
        *,
        portal_id: int = PORTAL_ID,
        token: str = TOKEN,
        client_secret: str = CLIENT_SECRET,
        app_id: int = APP_ID,
        client_id: str = CLIENT_ID,
        developer_key: str = DEVELOPER_KEY,
        limits: Limits | None = None,
        index_lag: timedelta = timedelta(0),
    ) -> None:
        self.portal_id, self.token, self.client_secret, self.app_id = portal_id, token, client_secret, app_id
        self.portal = Portal(clock, portal_id)
        self.oauth = OAuth(client_id, client_secret)
        self.doors = Doorkeeper(self.portal, self.oauth, Meter(limits or Limits()), token, developer_key)
        self.announcer = Announcer(self.portal, app_id, client_secret)
        self.outbox = self.announcer.outbox
        self.objects = ObjectResponses(self.portal, self.announcer, index_lag)
        self.batches = BatchResponses(self.portal, self.objects)
        self.app = AppResponses(self.portal, self.announcer, self.oauth, app_id)
        control = Control(self.portal, self.announcer, self.doors, lambda delivery_id: self._deliveries.is_held(delivery_id))
        super().__init__("hubspot", clock, [*self._object_routes(), *self._other_routes(), *control.routes()])
        seal = self.announcer.signature
        self._deliveries = Deliveries(self.outbox, name="hubspot", clock=clock, faults=self.faults, seal=seal, at_once=AT_ONCE)

    @property
    def meter(self) -> Meter:
        return self.doors.meter

    @meter.setter
    def meter(self, meter: Meter) -> None:
        self.doors.meter = meter

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

    # Emulator
    def reset(self) -> None:
        with self.lock:
            self.announcer.hooks.clear()
            self.outbox.clear()
            self._deliveries.forget_held()
            self.app.clear()
            self.oauth.clear()
            self.portal.clear()

    def dump(self) -> dict[str, Any]:
        with self.lock:
            kept = {"portal": self.portal.dump(), "announcer": self.announcer.dump(), "outbox": self.outbox.dump()}
            return {**kept, "app": self.app.dump()}

    def load(self, data: Mapping[str, Any]) -> None:
        with self.lock:
            self.reset()
            self.portal.load(data["portal"])
            self.announcer.load(data["announcer"])
            self.outbox.load(data["outbox"])
            self.app.load(data["app"])

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
                    scope = f"crm.objects.{kind.scope}.{'write' if flags.get('writes') else 'read'}"
                    guarded = self.doors.guard(handler, scope=scope, **flags)
                    yield Route(method, path, guarded, f"{kind.name}.{action}", reads="writes" not in flags)

    def _object_table(self) -> list[tuple[str, str, Handler, str, dict[str, bool]]]:
        do, many, writes = self.objects, self.batches, {"writes": True}
        return [
            ("GET", "", do.page, "list", {}),
            ("POST", "", do.create, "create", writes),
            ("POST", "/merge", do.merge, "merge", writes),
            ("POST", "/gdpr-delete", do.purge, "gdpr_delete", writes),
            ("POST", "/search", do.search, "search", {"search": True}),
            ("POST", "/batch/read", many.batch_read, "batch_read", {}),
            ("POST", "/batch/create", many.batch_create, "batch_create", writes),
            ("POST", "/batch/update", many.batch_update, "batch_update", writes),
            ("POST", "/batch/upsert", many.batch_upsert, "batch_upsert", writes),
            ("POST", "/batch/archive", many.batch_archive, "batch_archive", writes),
            ("GET", "/<object_id>", do.get, "get", {}),
            ("PATCH", "/<object_id>", do.update, "update", writes),
            ("DELETE", "/<object_id>", do.archive, "archive", writes),
        ]

    def _other_routes(self) -> Iterator[Route]:
        handlers: tuple[Routed, ...] = (
            AssociationResponses(self.portal),
            AssociationBatches(self.portal),
            PropertyResponses(self.portal),
            PipelineResponses(self.portal),
            AccountResponses(self.portal),
            FormDefinitions(self.portal),
            FormResponses(self.portal, self.announcer),
            self.app,
        )
        for one in handlers:
            yield from one.routes(self.doors.guard)

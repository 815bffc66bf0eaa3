"""Every function over memory ports, asked by one workspace while another holds a document at every place that is looked at."""

import base64
import importlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from infra.manifests import Manifest, TriggerKind, load_all
from shared.domain.connections import targets_of
from shared.domain.entity import Entity
from shared.domain.ids import WorkspaceId
from shared.domain.policy import Window
from shared.domain.tokens import token_digest
from shared.domain.workspace import HookRoute, PortalRoute
from shared.ports.requests import Caller, Incoming
from shared.stages.audit.keys import audit_secret_of
from shared.wiring import ports
from tests.answering import ApiDoor
from tests.builders import OPERATOR, PROSPECT, WORKSPACE, a_company, a_form_entry, a_policy, a_workspace, an_operator
from tests.fakes.calendar import MemoryCalendar
from tests.fakes.consents import MemoryConsents, MemoryDelegations, MemorySafe
from tests.fakes.crm import MemoryCrm
from tests.fakes.files import MemoryFiles
from tests.fakes.outbox import MemoryBus, MemoryTasks
from tests.fakes.store import Question
from tests.fakes.vault import MemoryVault
from tests.planting import WORD, planted
from tests.unit.stages.desk import DeskWorld

THEM = WorkspaceId(WORD)
VISITOR = "visitor@brightleaf.example"
HOOK, THEIR_PORTAL = "our-hook", "4343"
BUILT_ANEW = ("outbox", "audit", "suppressions", "policies", "failures")
"""The door has them ready; here the registry builds them, as in production."""

HEARD_BY = {one.trigger.value: one for one in load_all().values()}


class Place(NamedTuple):
    """Where a document may lie in any workspace."""

    kind: type[Entity]
    id: str


@dataclass(frozen=True)
class Told:
    """Everything somebody outside can tell about one request. Calls are in no order: some are made at the same time."""

    status: int
    answer: str
    logged: str
    asked: tuple[Question, ...]

    def __str__(self) -> str:
        return f"{self.status} {self.answer}\n{self.logged}"

    def __add__(self, then: "Told") -> "Told":
        """Both, one after the other."""
        return Told(then.status, self.answer + then.answer, self.logged + then.logged, self.asked + then.asked)

    @property
    def places(self) -> list[Place]:
        """Documents of workspaces that were looked for or written, each once."""
        found = [Place(kind, str(id)) for kind, one in self._documents for id in (one.ids[:1] if one.call == "list" else one.ids)]
        return list(dict.fromkeys(one for one in found if one.id))

    @property
    def listed(self) -> list[type[Entity]]:
        return list(dict.fromkeys(kind for kind, one in self._documents if one.call in ("list", "nearest")))

    @property
    def _documents(self) -> list[tuple[type[Entity], Question]]:
        return [(one.kind, one) for one in self.asked if one.kind is not None and issubclass(one.kind, Entity)]

    @property
    def shape(self) -> list[tuple[str, str, type[Any] | None, int]]:
        """The calls without the ids in them."""
        return sorted(((one.call, one.workspace_id, one.kind, len(one.ids)) for one in self.asked), key=repr)


class Trusting:
    """Identity tokens, signatures and sign-ins are other tests'."""

    def check(self, incoming: Incoming) -> Caller:
        return Caller(name=OPERATOR, workspace_id=WORKSPACE)


class Neighbours:
    """We are `northwind`, with a draft that stands in Gmail. `theirs` are the places at which the other workspace has something."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, theirs: Iterable[Place] = ()) -> None:
        self.world = DeskWorld()
        self.door = ApiDoor(self.world, monkeypatch)
        self.bus, self.tasks = MemoryBus(), MemoryTasks()
        self.world.put(a_policy(mode="SEND_ALLOWED", allowed_recipients=(PROSPECT,), window=Window(touches=())))
        self.world.secrets.values[audit_secret_of(WORKSPACE)] = "1:" + "a" * 32
        for route in (PortalRoute(id="4242", workspace_id=WORKSPACE), HookRoute(id=token_digest(HOOK), workspace_id=WORKSPACE)):
            self.world.store.add_route(route=route)
        outside = {
            "identity-token": Trusting(),
            "secrets": self.world.secrets,
            "vault": MemoryVault(),
            "bus": self.bus,
            "tasks": self.tasks,
            "mailbox": self.world.mailbox.of,
            "calendar": MemoryCalendar().of,
            "hubspot-signature": Trusting(),
            "sendgrid-signature": Trusting(),
            "operator_sign_in": Trusting(),
            "crm": MemoryCrm(companies=[a_company()], entries=[a_form_entry(email=VISITOR)]).of,
            "files": MemoryFiles().of,
            "safe": MemorySafe(self.world.secrets, *(one.secret for one in targets_of(self.world.workspace))),
            "google_consents": MemoryConsents("maria@northwind.example"),
            "delegations": MemoryDelegations(),
            "hubspot_consents": MemoryConsents("4242"),
        }
        ready = {name: one for name, one in ports._built.items() if name not in BUILT_ANEW}
        monkeypatch.setattr(ports, "_built", {**ready, **outside})
        self._move_in(tuple(theirs))

    def _move_in(self, theirs: tuple[Place, ...]) -> None:
        if not theirs:
            return
        them = an_operator(name=f"{WORD} operator", signature=WORD)
        self.world.store.save_workspace(workspace=a_workspace(id=THEM, name=WORD, company_name=WORD, operators=(them,)))
        self.world.store.add_route(route=PortalRoute(id=THEIR_PORTAL, workspace_id=THEM))
        self.world.put(*(planted(kind, workspace_id=THEM, id=id) for kind, id in theirs))

    @property
    def theirs(self) -> dict[str, dict[str, Any]]:
        """Everything they have, with its version."""
        return {
            collection: dict(found) for (workspace_id, collection), found in self.world.store._documents.items() if workspace_id == THEM
        }

    def ask(self, method: str, path: str, body: object = None, *, query: str = "") -> Told:
        """The API, as the workspace we are."""
        data = json.dumps(body).encode() if body is not None else b""
        return self._call("api", method, f"/{path}", data, {"Authorization": "Bearer good"}, query=query)

    def look(self, method: str, path: str, form: Mapping[str, str]) -> Told:
        """A page of the console, as an operator of ours."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._call("console", method, f"/{path}", urlencode(form).encode(), {**kind, "Sec-Fetch-Site": "same-origin"})

    def post(self, function: str, data: bytes, *, path: str = "/", query: str = "", **headers: str) -> Told:
        """An open function of its own, as the workspace we are."""
        return self._call(function, "POST", path, data, {"Authorization": "Bearer good", **headers}, query=query)

    def deliver(self, manifest: Manifest, id: str) -> Told:
        """A message or a task that says it is ours, and names that id."""
        payload = json.dumps({"workspace_id": WORKSPACE, "id": id})
        if manifest.trigger.kind is TriggerKind.QUEUE:
            headers = {"X-CloudTasks-TaskName": "task-1", "X-CloudTasks-QueueName": manifest.trigger.value}
            return self._call(manifest.name, "POST", "/", payload.encode(), headers)
        message = {
            "messageId": "message-1",
            "data": base64.b64encode(payload.encode()).decode(),
            "attributes": {"workspace_id": WORKSPACE, "CloudPubSubDeadLetterSourceSubscription": "lead.received--plan"},
        }
        envelope = {"message": message, "subscription": f"projects/p/subscriptions/s--{manifest.name}"}
        return self._call(manifest.name, "POST", "/", json.dumps(envelope).encode(), {})

    def carried_on(self, told: Told) -> Told:
        """With everything that follows from it to its end: what is published or enqueued is delivered a minute later."""
        done: set[tuple[str, str]] = set()
        self.world.later(minutes=1)
        while waiting := [one for one in self._announced() if one not in done]:
            for destination, id in waiting:
                told += self.deliver(HEARD_BY[destination], id)
            done.update(waiting)
        return told

    def _announced(self) -> list[tuple[str, str]]:
        events = [(topic, payload["id"]) for topic, payload, _ in self.bus.sent]
        return [*events, *((queue, payload["id"]) for queue, payload, _, _ in self.tasks.tasks.values())]

    def _call(self, function: str, method: str, path: str, data: bytes, headers: dict[str, str], *, query: str = "") -> Told:
        builder = EnvironBuilder(method=method, path=path, query_string=query, data=data, headers=[*headers.items()])
        endpoint = getattr(importlib.import_module(f"functions.{function}.main"), function)
        seen, written = len(self.world.store.asked), len(self.door.logged)
        answer, status, further = endpoint(Request(builder.get_environ()))
        told = "".join(f"\n{name}: {value}" for name, value in further.items() if name != "Content-Type")
        return Told(
            status,
            (answer if isinstance(answer, str) else answer.decode("utf-8", "replace")) + told,
            self.door.logged[written:],
            tuple(sorted(self.world.store.asked[seen:], key=repr)),
        )

"""The JSON API as its function answers, over the ports of a stage world, without a socket; for tests of routes and commands."""

import io
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx
import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from functions.api.main import api
from infra.cli.client import Api
from shared.domain.ids import WorkspaceId
from shared.domain.roles import Role
from shared.domain.tokens import token_digest
from shared.domain.workspace import ApiTokenRoute
from shared.ports.errors import Rejected
from shared.resilience.repeats import Repeats
from shared.runtime.api_callers import ApiCallers
from shared.runtime.logging import EventLog
from shared.runtime.settings import Settings
from shared.stages.drafting.failures import FailureBook
from shared.stages.policy.policies import Policies
from shared.wiring import ports
from tests.builders import WORKSPACE
from tests.fakes.mailbox import MemoryMailbox
from tests.unit.stages.world import StageWorld

BUSY = Settings(api_requests_per_minute=10_000, auth_failures_per_minute=1_000)
"""Clocks of these worlds stand still: limits have tests of their own."""


class Vouched:
    """Google accounts by their token, which looks like one."""

    def __init__(self) -> None:
        self.addresses: dict[str, str] = {}

    def address_of(self, token: str) -> str:
        if token not in self.addresses:
            raise Rejected("the identity token is not valid", status=401)
        return self.addresses[token]


class Answered(NamedTuple):
    status: int
    text: str
    headers: Mapping[str, str]


class ApiDoor:
    """`ask` answers (status, body) for the workspace whose token it is; `logged` is everything the function wrote."""

    def __init__(self, world: StageWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.stream = world, io.StringIO()
        self.identities = Vouched()
        self.let_in("good", WORKSPACE, label="jo's laptop")
        built = {
            "settings": Settings(),
            "clock": world.clock,
            "ids": world.ids,
            "log": EventLog(project="p", least="DEBUG", stream=self.stream),
            "store": world.store,
            "failures": FailureBook(store=world.store, clock=world.clock),
            "callers": ApiCallers(settings=BUSY, store=world.store, clock=world.clock, google_identities=self.identities),
            "repeats": Repeats(store=world.store, clock=world.clock),
            "audit": world.audit,
            "secrets": world.secrets,
            "suppressions": world.suppressions,
            "outbox": world.outbox,
            "mailbox": MemoryMailbox().of,
            "policies": Policies(store=world.store, outbox=world.outbox, clock=world.clock, audit=world.audit),
        }
        monkeypatch.setattr(ports, "_built", built)

    def let_in(self, token: str, workspace_id: WorkspaceId, *, label: str, role: Role = Role.ADMIN) -> None:
        route = ApiTokenRoute(id=token_digest(token), workspace_id=workspace_id, label=label, role=role)
        self.world.store.add_route(route=route)

    def ask(self, method: str, path: str, body: object = None, *, query: str = "", token: str = "good", **headers: str) -> tuple[int, Any]:
        """The status, and the JSON that was answered; underscores in the names of headers are hyphens."""
        told = self.answer(method, path, body, query=query, token=token, **headers)
        return told.status, json.loads(told.text) if told.text else None

    def answer(self, method: str, path: str, body: object = None, *, query: str = "", token: str = "good", **headers: str) -> Answered:
        data = json.dumps(body).encode() if body is not None else b""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._answered(method, f"/{path}", data, query, {**named, **({"Authorization": f"Bearer {token}"} if token else {})})

    @property
    def logged(self) -> str:
        return self.stream.getvalue()

    @property
    def client(self) -> Api:
        """What the commands hold in their hands."""

        def serve(request: httpx.Request) -> httpx.Response:
            query = request.url.query.decode()
            told = self._answered(request.method, request.url.path, request.content, query, dict(request.headers))
            return httpx.Response(told.status, content=told.text, headers=dict(told.headers))

        opened = Api.__new__(Api)
        headers = {"Authorization": "Bearer good"}
        opened._http = httpx.Client(transport=httpx.MockTransport(serve), base_url="http://suite.example", headers=headers)  # type: ignore[assignment]
        return opened

    def _answered(self, method: str, path: str, data: bytes, query: str, headers: Mapping[str, str]) -> Answered:
        builder = EnvironBuilder(method=method, path=path, query_string=query, data=data, headers=dict(headers))
        answer, status, further = api(Request(builder.get_environ()))
        return Answered(status, answer, further)

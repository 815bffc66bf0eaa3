"""The JSON API as its function answers, over the ports of a stage world, without a socket; for tests of routes and commands."""

import io
import json
from collections.abc import Mapping
from typing import Any

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
from shared.runtime.logging import EventLog
from shared.runtime.settings import Settings
from shared.runtime.workspace_token import WorkspaceTokens
from shared.stages.drafting.failures import FailureBook
from shared.stages.policy.policies import Policies
from shared.wiring import ports
from tests.builders import WORKSPACE
from tests.unit.stages.world import StageWorld


class ApiDoor:
    """`ask` answers (status, body) for the workspace whose token it is; `logged` is everything the function wrote."""

    def __init__(self, world: StageWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.stream = world, io.StringIO()
        self.let_in("good", WORKSPACE, label="jo's laptop")
        built = {
            "settings": Settings(),
            "clock": world.clock,
            "ids": world.ids,
            "log": EventLog(project="p", least="DEBUG", stream=self.stream),
            "store": world.store,
            "failures": FailureBook(store=world.store, clock=world.clock),
            "workspace-token": WorkspaceTokens(store=world.store),
            "audit": world.audit,
            "suppressions": world.suppressions,
            "policies": Policies(store=world.store, outbox=world.outbox, clock=world.clock, audit=world.audit),
        }
        monkeypatch.setattr(ports, "_built", built)

    def let_in(self, token: str, workspace_id: WorkspaceId, *, label: str, role: Role = Role.ADMIN) -> None:
        route = ApiTokenRoute(id=token_digest(token), workspace_id=workspace_id, label=label, role=role)
        self.world.store.add_route(route=route)

    def ask(self, method: str, path: str, body: object = None, *, query: str = "", token: str = "good") -> tuple[int, Any]:
        data = json.dumps(body).encode() if body is not None else b""
        status, answer = self._answered(method, f"/{path}", data, query, {"Authorization": f"Bearer {token}"})
        return status, json.loads(answer) if answer else None

    @property
    def logged(self) -> str:
        return self.stream.getvalue()

    @property
    def client(self) -> Api:
        """What the commands hold in their hands."""

        def serve(request: httpx.Request) -> httpx.Response:
            query = request.url.query.decode()
            status, answer = self._answered(request.method, request.url.path, request.content, query, dict(request.headers))
            return httpx.Response(status, content=answer)

        opened = Api.__new__(Api)
        headers = {"Authorization": "Bearer good"}
        opened._http = httpx.Client(transport=httpx.MockTransport(serve), base_url="http://suite.example", headers=headers)  # type: ignore[assignment]
        return opened

    def _answered(self, method: str, path: str, data: bytes, query: str, headers: Mapping[str, str]) -> tuple[int, str]:
        known = {name: value for name, value in headers.items() if name.lower() == "authorization"}
        builder = EnvironBuilder(method=method, path=path, query_string=query, data=data, headers=known)
        answer, status, _ = api(Request(builder.get_environ()))
        return status, answer

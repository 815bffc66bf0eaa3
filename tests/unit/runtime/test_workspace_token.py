"""Who reads the API: a bearer token opens one workspace, anything else opens nothing and is answered alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.roles import Role
from shared.domain.tokens import token_digest
from shared.domain.workspace import ApiTokenRoute, HookRoute
from shared.ports.errors import Rejected
from shared.ports.requests import Caller, Incoming
from shared.runtime.workspace_token import WorkspaceTokens
from tests.builders import WORKSPACE
from tests.fakes.store import MemoryStore

TOKEN = "wt_northwind_0123456789"


@pytest.fixture(scope="module")
def tokens() -> WorkspaceTokens:
    store = MemoryStore()
    store.add_route(route=ApiTokenRoute(id=token_digest(TOKEN), workspace_id=WORKSPACE, label="console"))
    store.add_route(route=HookRoute(id=token_digest("a hook's token"), workspace_id=WORKSPACE))
    return WorkspaceTokens(store=store)


def asked(authorization: str | None) -> Incoming:
    headers = {} if authorization is None else {"authorization": authorization}
    return Incoming(method="GET", url="https://public.example/api/runs", path="/runs", query={}, headers=headers, body=b"")


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER  {TOKEN} "])
def test_a_known_token_opens_its_workspace(tokens: WorkspaceTokens, header: str):
    assert tokens.check(asked(header)) == Caller(name="console", workspace_id=WORKSPACE, role=Role.VIEWER)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {token_digest(TOKEN)}", "Bearer a hook's token"],
)
def test_everything_else_opens_nothing(tokens: WorkspaceTokens, header: str | None):
    with pytest.raises(Rejected) as refused:
        tokens.check(asked(header))
    assert (refused.value.status, refused.value.field, refused.value.detail) == (401, "authorization", "a workspace token is required")


@given(st.text(max_size=60))
def test_no_guess_is_more_than_refused(tokens: WorkspaceTokens, guess: str):
    with pytest.raises(Rejected):
        tokens.check(asked(f"Bearer {guess}"))

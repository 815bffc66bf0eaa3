"""Who calls the API: a bearer token that belongs to one workspace."""

from shared.domain.tokens import token_digest
from shared.domain.workspace import ApiTokenRoute
from shared.ports.errors import Rejected
from shared.ports.requests import Caller, Incoming
from shared.ports.store import Store


class WorkspaceTokens:
    """An unknown token and a missing one are answered alike."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    def check(self, incoming: Incoming) -> Caller:
        scheme, _, token = incoming.headers.get("authorization", "").partition(" ")
        route = self._store.route(ApiTokenRoute, id=token_digest(token.strip())) if scheme.lower() == "bearer" and token.strip() else None
        if route is None:
            raise Rejected("a workspace token is required", field="authorization", status=401)
        return Caller(name=route.label, workspace_id=route.workspace_id)

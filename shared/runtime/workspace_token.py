"""Who calls the API, and what they may do: a bearer token that belongs to one workspace and has a role."""

from shared.domain.roles import Role
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
        return Caller(name=route.label, workspace_id=route.workspace_id, role=route.role)


def check_role(caller: Caller, needed: Role) -> None:
    """Rejected with 403 for who may not do what `needed` may."""
    if caller.role is None or not caller.role.includes(needed):
        raise Rejected(f"this needs a token of the role {needed}", field="authorization", status=403)

"""Which operator of which workspace looks at the console: an address somebody vouches for, and the route behind it."""

from typing import Protocol

from shared.domain.audit import ActorKind
from shared.domain.workspace import SignInRoute, sign_in_id
from shared.ports.errors import Rejected
from shared.ports.requests import Caller, Incoming
from shared.ports.store import Store
from shared.runtime.settings import Settings


class Voucher(Protocol):
    """Says whose request it is."""

    def address_of(self, incoming: Incoming) -> str:
        """Rejected with 401 when nobody has signed in."""


class OperatorSignIn:
    """The settings choose who vouches; only that one is ever loaded."""

    def __init__(self, *, settings: Settings, store: Store, iap_assertions: Voucher, local_sign_in: Voucher) -> None:
        self._store = store
        self._voucher = local_sign_in if settings.console_sign_in == "local" else iap_assertions

    def check(self, incoming: Incoming) -> Caller:
        """`name` is the operator's id. Rejected: 401 when nobody has signed in, 403 for an address that is no operator's."""
        address = self._voucher.address_of(incoming)
        route = self._store.route(SignInRoute, id=sign_in_id(address))
        if route is None or not route.operator_id:
            raise Rejected("this account is no operator of any workspace", status=403)
        return Caller(name=route.operator_id, workspace_id=route.workspace_id, role=route.role, kind=ActorKind.PERSON)

"""Signing in and out on the embedded suite: a button per operator. Behind Identity-Aware Proxy these pages do not exist."""

from urllib.parse import urlsplit

from functions.console.rendering import rendered
from functions.console.visits import HERE, PageRoute, Visit, see_other
from shared.domain.workspace import Operator, Workspace
from shared.ports.errors import NotFound
from shared.ports.requests import Page
from shared.wiring import ports


def _sign_in(visit: Visit) -> Page:
    _only_here()
    then = visit.incoming.query.get("then", "")
    return Page(rendered("sign_in.html", visit=visit, people=_everybody(), then=then if _ours(then) else ""), nonce=visit.nonce)


def _signed_in(visit: Visit) -> Page:
    _only_here()
    address, then = visit.field("address"), visit.field("then")
    if address not in {one.email for _, one in _everybody()}:
        raise NotFound("there is no such operator")
    cookie = ports.local_sign_in.cookie_for(address)
    return see_other(then if _ours(then) else f"{HERE}/queue", **{"Set-Cookie": cookie})


def _signed_out(_: Visit) -> Page:
    _only_here()
    return see_other(f"{HERE}/sign-in", **{"Set-Cookie": ports.local_sign_in.farewell()})


def _everybody() -> list[tuple[Workspace, Operator]]:
    return [(workspace, one) for workspace in ports.store.workspaces() for one in workspace.operators]


def _only_here() -> None:
    if ports.settings.console_sign_in != "local":
        raise NotFound("there is no such page")


def _ours(address: str) -> bool:
    """Below the console: nobody is sent elsewhere by a link to the sign-in page."""
    parts = urlsplit(address)
    below = not parts.scheme and not parts.netloc and parts.path.startswith(f"{HERE}/")
    return below and "\\" not in address and address.isascii() and address.isprintable()


ROUTES = (
    PageRoute("GET", "sign-in", _sign_in),
    PageRoute("POST", "sign-in", _signed_in),
    PageRoute("POST", "sign-out", _signed_out),
)

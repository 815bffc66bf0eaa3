"""The Connect page: which accounts the workspace works with, by whom they were connected, what works, and the way out and back."""

from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie

from functions.console.rendering import rendered
from functions.console.telling import TOLD
from functions.console.visits import HERE, PageRoute, Visit, see_other
from shared.domain.connections import Part, Service, Target
from shared.domain.roles import Role
from shared.ports.errors import Rejected
from shared.ports.requests import Page
from shared.stages.connecting.consenting import Returned, begin, finish
from shared.stages.connecting.delegating import CONSENT_BEFORE, delegate
from shared.stages.connecting.ending import disconnect
from shared.stages.connecting.imprint import imprint_checks
from shared.stages.connecting.linking import NEEDED, PARTS, check_may_connect, may_connect, parts_wanted, target_of
from shared.stages.connecting.looking import look_again, standings
from shared.wiring import ports

CONNECT = f"{HERE}/connect"
VENDORS = {Service.GOOGLE: "Google", Service.HUBSPOT: "HubSpot"}
PART_WORDS = {
    Part.MAILBOX: "Mailbox: read mail, keep drafts, and send what was approved",
    Part.CALENDAR: "Calendar: see when you are busy, hold the times you offer",
    Part.DRIVE: "Drive: read the folders chosen for this workspace",
    Part.CRM: "Contacts, companies, deals and forms; notes and tasks",
}
OLDEST_S = 600
"""As long as a consent lives."""


def _connections(visit: Visit, *, trouble: str = "", status: int = 200) -> Page:
    who = visit.visitor
    found = standings(who.workspace, store=ports.store)
    mine = {one.target.id for one in found if may_connect(one.target, by=who.operator.id, role=who.role)}
    told = TOLD.get(visit.incoming.query.get("told", ""), "")
    wanting = [one for one in imprint_checks(who.workspace, secrets=ports.secrets) if not one.works]
    page = rendered(
        "connect.html",
        visit=visit,
        standings=found,
        mine=mine,
        told=told,
        trouble=trouble,
        wanting=wanting,
        **_words(who.role),
    )
    return Page(page, status=status, nonce=visit.nonce)


def _words(role: Role) -> dict[str, object]:
    terms = ports.linking.delegations.terms(PARTS[Service.GOOGLE])
    told = {"terms": terms, "is_admin": role.includes(Role.ADMIN)}
    return {**told, "vendors": VENDORS, "part_words": PART_WORDS, "parts": PARTS, "needed": NEEDED}


def _shown(visit: Visit) -> Page:
    return _connections(visit)


def _begin(visit: Visit) -> Page:
    """To the vendor by a page of ours: where a form leads is for our own policy to say, and a vendor sends people on as it likes."""
    who, target = visit.visitor, _target(visit)
    parts = parts_wanted(target, visit.form.get("part", []))
    back_to = f"{ports.settings.public_url.rstrip('/')}{CONNECT}/back"
    try:
        begun = begin(who.workspace, target, parts, by=who.actor, back_to=back_to, browser=_browser(visit), linking=ports.linking)
    except Rejected as error:
        return _connections(visit, trouble=error.detail, status=error.status)
    page = rendered("leaving.html", visit=visit, address=begun.address, vendor=VENDORS[target.service], account=target.account)
    return Page(page, headers={"Set-Cookie": _cookie(begun.browser, age=OLDEST_S), "Refresh": f"0; url={begun.address}"})


def _back(visit: Visit) -> Page:
    """What it was about is told on the page; the address that brought it, with its code in it, is left at once."""
    if visit.incoming.method != "GET":
        raise Rejected("this address is not asked for like that", status=405)
    who, query = visit.visitor, visit.incoming.query
    returned = Returned(query.get("state", ""), query.get("code", ""), query.get("error", ""), _browser(visit))
    try:
        finish(who.workspace, returned, by=who.actor, linking=ports.linking)
    except Rejected as error:
        return _connections(visit, trouble=error.detail, status=error.status)
    return see_other(f"{CONNECT}?told=connected", **{"Set-Cookie": _cookie("", age=0)})


def _delegate(visit: Visit) -> Page:
    """Everybody of the Workspace at once; who was not let in is named with what to do."""
    who = visit.visitor
    if not who.role.includes(Role.ADMIN):
        raise Rejected("only an administrator opens the accounts of others", status=403)
    try:
        found = delegate(who.workspace, (), PARTS[Service.GOOGLE], by=who.actor, linking=ports.linking)
    except Rejected as error:
        return _connections(visit, trouble=error.detail, status=error.status)
    failed = [f"{one.target.account}: {one.trouble}" for one in found if one.trouble]
    failed += [f"{one.target.account}: {line.told}; {line.fix}" for one in found for line in one.checks if line.what == CONSENT_BEFORE]
    return _connections(visit, trouble="; ".join(failed), status=409) if failed else see_other(f"{CONNECT}?told=connected")


def _check(visit: Visit) -> Page:
    look_again(visit.visitor.workspace, _target(visit), linking=ports.linking)
    return see_other(f"{CONNECT}?told=checked")


def _disconnect(visit: Visit) -> Page:
    who = visit.visitor
    disconnect(who.workspace, _target(visit), by=who.actor, linking=ports.linking)
    return see_other(f"{CONNECT}?told=disconnected")


def _target(visit: Visit) -> Target:
    """NotFound for what is not of this workspace, Rejected for whoever may not."""
    who = visit.visitor
    target = target_of(who.workspace, visit.parts["id"])
    check_may_connect(target, by=who.operator.id, role=who.role)
    return target


def _browser(visit: Visit) -> str:
    """What this browser was given when it set out; empty when it never did."""
    try:
        cookie = SimpleCookie(visit.incoming.headers.get("cookie", "")).get(_cookie_name())
    except CookieError:
        return ""
    return cookie.value if cookie else ""


def _cookie_name() -> str:
    return "__Host-connect" if ports.settings.public_url.startswith("https:") else "connect"


def _cookie(value: str, *, age: int) -> str:
    """Lax, for the way back begins at the vendor."""
    secure = "; Secure" if _cookie_name().startswith("__Host-") else ""
    return f"{_cookie_name()}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"


ROUTES: Sequence[PageRoute] = (
    PageRoute("GET", "connect", _shown),
    PageRoute("GET", "connect/back", _back),
    PageRoute("POST", "connect/delegate", _delegate),
    PageRoute("POST", "connect/{id}/begin", _begin),
    PageRoute("POST", "connect/{id}/check", _check),
    PageRoute("POST", "connect/{id}/disconnect", _disconnect),
)

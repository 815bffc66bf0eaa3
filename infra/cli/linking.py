"""Connecting an account from a terminal: the browser does it on the Connect page, we wait, and say in lines what works."""

import threading
import time
import webbrowser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from infra.cli.client import Api, Found
from infra.cli.failures import ExitCode, Failure
from infra.cli.findings import Finding, broken, doubtful, fine, report
from infra.cli.wording import console, safe, say, to_json

PACE_S = 1.0
CONNECTED = "connected"
DELEGATED = "delegation"


@dataclass(frozen=True)
class Wish:
    """`needed` are checks that must be there and work: without them it is connected anew. `browse`: open the page here."""

    service: str
    needed: Sequence[str]
    who: str
    browse: bool
    again: bool
    at_most_s: float


def connect(api: Api, wish: Wish, *, as_json: bool) -> bool:
    """Whether everything works at the end. Failure when nobody agrees in time."""
    found = chosen(api.connections(), wish)
    if wish.again or found["state"] != CONNECTED or not _suffices(checks := api.check_connection(found["id"])["checks"], wish):
        _send_there(found, wish, as_json=as_json)
        _wait(api, found, wish)
        checks = api.check_connection(found["id"])["checks"]
    findings = [finding_of(one) for one in checks]
    if as_json:
        to_json({"id": found["id"], "account": found["account"], "checks": checks})
    else:
        say(console(), safe(f"{found['account']} is connected:"), report(findings), wide=True)
    return all(one["works"] for one in checks)


def chosen(connections: Sequence[Found], wish: Wish) -> Found:
    """Of this service, whose id or address was named; the first one when nobody was."""
    ours = [one for one in connections if one["service"] == wish.service]
    named = [one for one in ours if wish.who.lower() in ("", one["operator"], one["account"].lower())]
    if not named:
        known = ", ".join(one["operator"] for one in ours)
        raise Failure(f"there is no operator {wish.who}", fix=f"one of: {known}", code=ExitCode.NOT_FOUND)
    return named[0]


def finding_of(check: Found) -> Finding:
    return fine(check["what"], check["told"]) if check["works"] else broken(check["what"], check["told"], check["fix"])


def findings(connections: Sequence[Found]) -> Sequence[Finding]:
    """For the doctor: a line for each connection, and one for each thing that does not work although it is connected."""
    return [line for one in connections for line in _lines(one)]


def delegated_findings(connections: Sequence[Found], api: Api) -> Iterator[Finding]:
    """For the doctor: whether Google lets us into each delegated mailbox now. An administrator may end it without a word to us."""
    for one in connections:
        if one["agreement"] == DELEGATED and one["state"] == CONNECTED:
            name, checks = f"delegated {one['account']}", api.check_connection(one["id"])["checks"]
            failing = [broken(f"{name}: {check['what']}", check["told"], check["fix"]) for check in checks if not check["works"]]
            yield from failing or [fine(name, "Google lets us in")]


def _lines(one: Found) -> Sequence[Finding]:
    name = f"{one['service']} {one['account']}"
    if one["state"] != CONNECTED:
        told = f"{one['state']}: {one['reason']}" if one["reason"] else one["state"]
        return [(broken if one["reason"] else doubtful)(name, told, one["fix"])]
    failing = [broken(f"{name}: {check['what']}", check["told"], check["fix"]) for check in one["checks"] if not check["works"]]
    if one["reason"]:
        failing.append(doubtful(name, one["reason"], "`sdr doctor` again in a few minutes; if it stays, connect it again"))
    return failing or [fine(name, f"connected by {one['connected_by']}" if one["connected_by"] else CONNECTED)]


def _suffices(checks: Sequence[Found], wish: Wish) -> bool:
    working = {one["what"] for one in checks if one["works"]}
    return bool(checks) and bool(checks[0]["works"]) and set(wish.needed) <= working


def _send_there(found: Found, wish: Wish, *, as_json: bool) -> None:
    opened = wish.browse and webbrowser.open(found["connect_at"])
    lines: list[RenderableType] = [safe(f"{'Opened' if opened else 'Open'} {found['connect_at']}")]
    lines.append(safe(f"and connect {found['account']} there. Waiting; Ctrl-C stops waiting, not connecting."))
    if not as_json:
        say(console(), *lines, Text())


def _wait(api: Api, found: Found, wish: Wish) -> None:
    pause, deadline = threading.Event(), time.monotonic() + wish.at_most_s
    while time.monotonic() < deadline:
        now = next(one for one in api.connections() if one["id"] == found["id"])
        if now["state"] == CONNECTED and now["since"] != (found["since"] if found["state"] == CONNECTED else None):
            return
        pause.wait(PACE_S)
    raise Failure(
        f"nobody has connected {found['account']} in time", fix="do it on the page whenever you like; `sdr doctor` tells how it stands"
    )

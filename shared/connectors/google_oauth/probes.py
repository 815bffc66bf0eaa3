"""A live look at what a Google consent opens, in one line for each thing that works or is missing; used by the consents."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from urllib.parse import quote

from shared.connectors.google_oauth.accounts import GoogleAccounts
from shared.connectors.google_oauth.scopes import SCOPES, WIDER
from shared.connectors.google_oauth.wire import Wire
from shared.domain.connections import Check, Part, missing, worked
from shared.domain.workspace import Operator, Workspace
from shared.ports.errors import NotFound, ReconnectNeeded, SalesAgentError

WHAT = {Part.MAILBOX: "Read mail and keep drafts", Part.CALENDAR: "See and hold times", Part.DRIVE: "Read documents"}
TICK = "connect again and leave every box on Google's page ticked"


class Profile(Wire):
    email_address: str


class SendAsEntry(Wire):
    send_as_email: str


class SendAsList(Wire):
    send_as: tuple[SendAsEntry, ...] = ()


class Events(Wire):
    time_zone: str = ""


class Folder(Wire):
    name: str
    trashed: bool = False


def probed(accounts: GoogleAccounts, operator: Operator, parts: Sequence[Part], *, workspace: Workspace, now: datetime) -> Sequence[Check]:
    """The mailbox first. Nothing is raised: what fails is a line of its own."""
    try:
        scopes = accounts.tokens(operator).scopes()
    except SalesAgentError as error:
        return [_failed(WHAT[Part.MAILBOX], error)]
    probes: dict[Part, Callable[[], Iterator[Check]]] = {
        Part.MAILBOX: lambda: _mailbox(accounts, operator),
        Part.CALENDAR: lambda: _calendar(accounts, operator, now),
        Part.DRIVE: lambda: _drive(accounts, operator, workspace),
    }
    return [check for part in Part if part in probes and part in parts for check in _looked(part, scopes, probes[part])]


def _looked(part: Part, scopes: frozenset[str], probe: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    if not scopes & {SCOPES[part], WIDER[part]}:
        yield missing(WHAT[part], f"the consent lacks the scope {SCOPES[part]}", TICK)
        return
    try:
        yield from probe()
    except SalesAgentError as error:
        yield _failed(WHAT[part], error)


def _mailbox(accounts: GoogleAccounts, operator: Operator) -> Iterator[Check]:
    gmail = accounts.open("gmail", operator=operator)
    address = gmail.fetch("/gmail/v1/users/me/profile", Profile).email_address.lower()
    if not operator.owns_address(address):
        yield missing(WHAT[Part.MAILBOX], f"this is the mailbox of {address}, not of {operator.email}", "connect the right account")
        return
    yield worked(WHAT[Part.MAILBOX], address)
    known = {one.send_as_email.lower() for one in gmail.fetch("/gmail/v1/users/me/settings/sendAs", SendAsList).send_as}
    if operator.email in known:
        yield worked("Write as", operator.email)
    else:
        fix = f"add {operator.email} in Gmail under Settings, Accounts, Send mail as"
        yield missing("Write as", f"{address} may not write as {operator.email}", fix)


def _calendar(accounts: GoogleAccounts, operator: Operator, now: datetime) -> Iterator[Check]:
    path = f"/calendar/v3/calendars/{quote(operator.calendar_id, safe='@')}/events"
    params: dict[str, str | int | bool | list[str]] = {"timeMin": now.isoformat(), "maxResults": 1, "fields": "timeZone"}
    try:
        zone = accounts.open("calendar", operator=operator).fetch(path, Events, params=params).time_zone
    except NotFound:
        yield missing(WHAT[Part.CALENDAR], f"there is no calendar {operator.calendar_id}", "share it with this account")
        return
    yield worked(WHAT[Part.CALENDAR], f"calendar {operator.calendar_id}" + (f", {zone}" if zone else ""))


def _drive(accounts: GoogleAccounts, operator: Operator, workspace: Workspace) -> Iterator[Check]:
    """Documents are read with the default operator's consent; nobody else's is asked for any."""
    if operator.id != workspace.default_operator:
        return
    if not workspace.drive.all_roots:
        yield missing(WHAT[Part.DRIVE], "no folder has been chosen", "repeat `sdr workspace create` with --drive-folder ID")
    drive = accounts.open("drive", operator=operator)
    for root in workspace.drive.all_roots:
        path = f"/drive/v3/files/{quote(root, safe='')}"
        try:
            folder = drive.fetch(path, Folder, params={"supportsAllDrives": True, "fields": "name,trashed"})
        except NotFound:
            yield missing(WHAT[Part.DRIVE], f"folder {root} does not exist for {operator.email}", "share it with them, or choose another")
            continue
        yield worked(WHAT[Part.DRIVE], f"folder “{folder.name}”")


def _failed(what: str, error: SalesAgentError) -> Check:
    if isinstance(error, ReconnectNeeded):
        return missing(what, error.detail, "connect it again")
    return missing(what, error.detail, "look again in a few minutes; if it stays, see whether this API is enabled in the Google project")

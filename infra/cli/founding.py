"""Creating a workspace from a terminal, with the rights of whoever sits there: on the suite that runs here, or in Google Cloud."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.text import Text

from infra.cli.connection import Connection, connect
from infra.cli.failures import ExitCode, Failure
from infra.cli.wording import command_name, console, rows, safe, say, to_json
from shared.domain.audit import Actor, ActorKind
from shared.domain.workspace import DriveAccess, WorkingHours
from shared.ports.errors import SalesAgentError
from shared.runtime.settings import Settings, load_settings
from shared.stages.connecting.creating import Created, NewOperator, NewWorkspace
from shared.wiring import Ports


@dataclass(frozen=True)
class Wish:
    """As it was typed."""

    id: str
    name: str
    portal: str
    operators: Sequence[str]
    timezone: str
    country: str
    folders: Sequence[str]
    shared: Sequence[str]
    link_domains: Sequence[str]
    legal_name: str = ""
    postal_address: str = ""


def create(wish: Wish, *, project: str, url: str, as_json: bool) -> None:
    """Failure, saying what to do, for what cannot be."""
    connection = None if project else connect(url=url)
    settings = settings_of(connection, project)
    ports = Ports()
    ports.interpose(lambda name, adapter: settings if name == "settings" else adapter)
    try:
        created: Created = ports.registry.create(new_of(wish), by=Actor(kind=ActorKind.PERSON, id="whoever deploys"))
    except SalesAgentError as error:
        fix = "nothing was changed" if type(error).__name__ == "Rejected" else "repeat the same command when it answers again"
        raise Failure(error.detail, fix=fix, code=ExitCode.FAILED) from None
    _tell(created, connection, settings, as_json=as_json)


def new_of(wish: Wish) -> NewWorkspace:
    """Failure naming the option."""
    try:
        ZoneInfo(wish.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Failure(f"--timezone: {wish.timezone!r} is no time zone", fix="for example Europe/Oslo", code=ExitCode.USAGE) from None
    operators = [NewOperator(name=name.strip(), email=email.strip()) for name, email in map(parseaddr, wish.operators)]
    return NewWorkspace(
        id=wish.id,
        name=wish.name.strip(),
        portal_id=wish.portal.strip(),
        operators=tuple(operators),
        hours=WorkingHours(timezone=wish.timezone, country=wish.country.upper()),
        drive=DriveAccess(roots=tuple(wish.folders), shareable_folders=tuple(wish.shared)),
        link_domains=tuple(wish.link_domains),
        legal_name=wish.legal_name,
        postal_address=wish.postal_address,
    )


def settings_of(connection: Connection | None, project: str) -> Settings:
    """The suite's own, or the environment's with this project."""
    if connection is None:
        known = {name: value for name, value in os.environ.items() if name.startswith("SALES_AGENT_")}
        return load_settings({**known, "GOOGLE_CLOUD_PROJECT": project})
    google = connection.emulators.get("google")
    if google is None:
        raise Failure("this suite runs on another machine", fix="name the Google Cloud project with --project", code=ExitCode.USAGE)
    os.environ["FIRESTORE_EMULATOR_HOST"] = google  # the client has no other way to be told
    suite = {"firestore_emulator_host": google, "secrets_emulator_host": google, "clock_file": connection.clock_file}
    return Settings(**suite, public_url=connection.functions)


def _tell(created: Created, connection: Connection | None, settings: Settings, *, as_json: bool) -> None:
    """Its tokens, this once; and what comes next."""
    workspace, here = created.workspace, connection.functions if connection else settings.public_url
    hook = f"{here}/form-webhook/{created.hook_token}"
    if as_json:
        told = {"id": workspace.id, "fresh": created.fresh, "api_token": created.api_token, "webhook": hook}
        to_json({**told, "kept": dict(created.kept)})
        return
    first, sdr = workspace.operators[0], command_name()
    what = "is created" if created.fresh else "was there already, and is complete"
    tokens = rows(("API token", created.api_token), ("webhook of a workflow", hook))
    say(console(), safe(f"{workspace.name} {what}. Both are shown this once:"), tokens, Text(), Text("Next, in this order:"))
    out = console()
    out.print(safe(f"  export SDR_TOKEN={created.api_token}", "cyan"), soft_wrap=True)
    for line in ("connect-hubspot", *(f"connect-mailbox {one.id}" for one in workspace.operators), "doctor"):
        out.print(safe(f"  {sdr} {line}", "cyan"), soft_wrap=True)
    for line in kept_lines(created):
        out.print(safe(line, "yellow"), soft_wrap=True)
    say(out, safe(f"{first.name} signs in to {here}/console as {first.email}.", "dim"))


CHANGED_BY = ("legal-name", "postal-address")
"""Options that `sdr workspace set` has, too."""


def kept_lines(created: Created) -> list[str]:
    """One for each option that was not followed, with what changes it."""
    changed = {name: f"change it with `{command_name()} workspace set --{name} '…'`" for name in CHANGED_BY}
    other = "no command changes it once it is chosen"
    return [f"--{name} was not followed: it stays “{is_now}”; {changed.get(name, other)}." for name, is_now in created.kept.items()]

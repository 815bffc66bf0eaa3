"""`sdr up`: the suite runs until it is told to stop, other terminals find it, and its state survives a kill."""

import itertools
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.text import Text

from infra.cli.connection import Connection, announce, connection_of, runtime_folder
from infra.cli.failures import Failure
from infra.cli.wording import command_name, rows, safe, say, to_json
from infra.models import ModelChoice

if TYPE_CHECKING:
    from infra.seed.loader import Seeded

LOOK_EVERY_S, LOOKS_A_SAVE = 1.0, 30
SAVE_EVERY_S = LOOK_EVERY_S * LOOKS_A_SAVE
HOSTS = {
    "google": "Firestore, Pub/Sub, Cloud Tasks and Secret Manager (gRPC)",
    "scheduler": "Cloud Scheduler",
    "oidc": "Google's identity tokens",
    "oauth2": "Google's sign-in",
    "iamcredentials": "Google's signing as a service account",
    "hubspot": "HubSpot: contacts, companies, deals, forms, notes, tasks, webhooks",
    "gmail": "Gmail",
    "calendar": "Google Calendar",
    "drive": "Google Drive",
    "storage": "Google Cloud Storage: heads of the audit log",
    "openai": "OpenAI",
    "slack": "Slack",
    "smtp": "a mail server, and the mailboxes it delivers to",
    "sendgrid": "SendGrid",
}


@dataclass(frozen=True)
class Wish:
    port: int
    state: Path | None
    seeded: bool
    unconnected: bool
    model: ModelChoice
    as_json: bool


class Stop:
    """Set by the first Ctrl-C or SIGTERM; the second one ends the process as it stands."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked.is_set():
            raise KeyboardInterrupt
        self.asked.set()


def up(out: Console, wish: Wish) -> None:
    """Returns when the user has stopped it."""
    from infra.seed.loader import seed, seed_vendors
    from infra.suite import running

    folder = runtime_folder()
    log, stop = _log_file(wish.state or folder, wish.port), Stop()
    with running(first_port=wish.port, state_dir=wish.state, model=wish.model, log_path=log) as suite:
        seeded = seed(suite) if wish.seeded else None
        mailbox = seed_vendors(suite) if wish.unconnected else ""
        suite.save()
        connection = connection_of(suite, seeded, mailbox=mailbox, model=wish.model, log=str(log), state=str(wish.state or ""))
        file = announce(connection, folder=folder)
        try:
            _welcome(out, connection, seeded, wish)
            for look in itertools.count(1):
                if stop.asked.wait(LOOK_EVERY_S):
                    break
                suite.require_functions()
                if look % LOOKS_A_SAVE == 0:
                    suite.save()
        finally:
            file.unlink(missing_ok=True)
    if not wish.as_json:
        say(out, Text(f"stopped{f'; the state is kept in {wish.state}' if wish.state else ''}"))


def _log_file(folder: Path, port: int) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"functions-{port}.log"
        log.touch()
    except OSError as error:
        raise Failure(f"{folder} cannot be written: {error.strerror}", fix="name another folder with --state") from None
    return log


def _welcome(out: Console, connection: Connection, seeded: "Seeded | None", wish: Wish) -> None:
    if wish.as_json:
        to_json({**connection.model_dump(mode="json", exclude={"mailbox"}), "api": connection.api})
        out.file.flush()
        return
    say(out, Text("sales-agent is running.", style="bold"), *_addresses(connection))
    if seeded is not None:
        _invite(out, seeded)
    if wish.unconnected:
        _invite_to_connect(out)
    kept = (
        f"The state is kept in {wish.state}, saved every {SAVE_EVERY_S:.0f} seconds. "
        if wish.state
        else "Nothing is kept (--state keeps it). "
    )
    say(out, Text(), Text(f"{kept}Ctrl-C stops.", style="dim"))


def _addresses(connection: Connection) -> list[RenderableType]:
    ours: list[tuple[str, RenderableType | str]] = [("functions", connection.functions)]
    ours.append(("console", f"{connection.functions}/console"))
    if connection.token:
        ours.append(("API", f"{connection.api}/runs   Authorization: Bearer {connection.token}"))
    emulated = [(name, f"{url:<24} {HOSTS.get(name, '')}") for name, url in connection.emulators.items()]
    return [rows(*ours), Text(), Text("Emulated:"), rows(*emulated), Text(), rows(("model", connection.model), ("log", connection.log))]


def _invite_to_connect(out: Console) -> None:
    say(out, Text(), Text("There is no workspace yet. In another terminal:"))
    who = "--name 'Tidewater Analytics' --portal 4400001 --operator 'Mara Lindqvist <mara@tidewater.example>' --timezone Europe/Stockholm"
    where = "--postal-address 'Skeppsbron 1, 111 30 Stockholm, Sweden'"
    out.print(safe(f"  {command_name()} workspace create tidewater {who} --drive-folder folder-sales {where}", "cyan"), soft_wrap=True)


def _invite(out: Console, seeded: "Seeded") -> None:
    """The command lines are not folded, so that they can be copied."""
    operator, first, sdr = seeded.operator, seeded.submissions[0]["fields"], command_name()
    who = f"{seeded.workspace.name}, where {operator.name} <{operator.email}> answers whoever fills in a form."
    say(out, Text(), safe(f"Seeded: {who}"), Text("In another terminal:"))
    for line in (f"submit-form --email {first['email']} --field message='Could we see a demo?' --wait", "runs list", "doctor"):
        out.print(safe(f"  {sdr} {line}", "cyan"), soft_wrap=True)

"""How commands in other terminals find a running suite: a small file that only its owner can read."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from infra.cli.failures import ExitCode, Failure


class MailboxKey(BaseModel):
    """A consent to look into the operator's mailbox, as the emulated Google knows it."""

    model_config = ConfigDict(frozen=True)

    email: str
    client_id: str
    client_secret: str
    refresh_token: str


class Connection(BaseModel):
    """Where a suite answers and what opens it. Its secrets open emulators, nothing else."""

    model_config = ConfigDict(frozen=True)

    functions: str
    token: str = ""
    emulators: dict[str, str] = {}  # URL by name; "google" is host:port
    portal_id: str = ""
    hubspot_token: str = ""
    mailbox: MailboxKey | None = None
    workspace_id: str = ""
    model: str = ""
    clock_file: str = ""
    log: str = ""
    state: str = ""
    pid: int = 0

    @property
    def api(self) -> str:
        return f"{self.functions}/api"


def runtime_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's own folder for what lives as long as a session; Failure when it belongs to somebody else."""
    given = environ.get("XDG_RUNTIME_DIR")
    folder = Path(given) / "sales-agent" if given and Path(given).is_dir() else Path(tempfile.gettempdir()) / f"sales-agent-{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise Failure(f"{folder} belongs to another user", fix="set XDG_RUNTIME_DIR to a folder of your own")
    return folder


def announce(connection: Connection, *, folder: Path) -> Path:
    """Write the file; the caller removes it when the suite stops."""
    path = folder / f"suite-{connection.functions.rpartition(':')[2]}.json"
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(connection.model_dump_json(indent=2), encoding="utf-8")
    fresh.replace(path)
    return path


def running_suites(*, folder: Path) -> list[Connection]:
    """The latest first. What a killed suite left behind is removed."""
    living = []
    for path in sorted(folder.glob("suite-*.json"), key=lambda one: one.stat().st_mtime, reverse=True):
        found = _read(path)
        if found is not None and _alive(found.pid):
            living.append(found)
        else:
            path.unlink(missing_ok=True)
    return living


def connect(*, url: str = "", token: str = "", folder: Path | None = None) -> Connection:
    """The suite at this URL, else the one started last; Failure when there is none, or when URL or token cannot be any."""
    if url and not url.startswith(("http://", "https://")):
        raise Failure(f"{url!r} is no URL", fix="for example --url http://127.0.0.1:8080", code=ExitCode.USAGE)
    if not (token.isascii() and token.isprintable()):
        fix = "pass it as it was given to you, with --token or SDR_TOKEN"
        raise Failure("the token holds characters that no token has", fix=fix, code=ExitCode.REFUSED)
    known = running_suites(folder=folder or runtime_folder())
    if url:
        wanted = url.rstrip("/").removesuffix("/api")
        found = next((one for one in known if one.functions == wanted), Connection(functions=wanted))
    elif known:
        found = known[0]
    else:
        fix = "start one with `sdr up` in another terminal, or name one with --url and --token"
        raise Failure("no suite is running on this machine", fix=fix, code=ExitCode.NOT_RUNNING)
    return found.model_copy(update={"token": token}) if token else found


def _read(path: Path) -> Connection | None:
    try:
        return Connection.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def connection_of(suite: Any, seeded: Any | None, *, mailbox: str = "", model: str = "", log: str = "", state: str = "") -> Connection:
    """The connection of a suite of this process. Unconnected it has no workspace; what `mailbox` holds can be looked at all the same."""
    from infra.seed import loader

    given: dict[str, Any] = {"portal_id": str(suite.hubspot.portal_id)}
    if seeded is not None:
        operator = seeded.operator
        consent = {**loader.OAUTH_CLIENT, "refresh_token": f"refresh-{operator.id}"}
        given |= {
            "token": seeded.api_token,
            "portal_id": seeded.workspace.crm.portal_id,
            "workspace_id": seeded.workspace.id,
            "mailbox": MailboxKey(email=operator.email, **consent),
        }
    elif mailbox:
        given["mailbox"] = MailboxKey(email=mailbox, **loader.ONLOOKER)
    urls = {name: url for name, url in suite.urls.items() if name != "functions"}
    here = {"functions": suite.urls["functions"], "emulators": urls, "hubspot_token": suite.hubspot.token, "pid": os.getpid()}
    return Connection(**here, **given, clock_file=str(suite.clock_path), model=model, log=log, state=state)

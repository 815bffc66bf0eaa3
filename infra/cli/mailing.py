"""How an operator's mails go out, as it is typed and on screen; and its credentials. Used by mailbox_commands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from infra.cli.client import Api, Found
from infra.cli.failures import ExitCode, Failure
from infra.cli.safekeeping import asked_for, keep
from infra.cli.wording import rows, safe

WAYS = {
    "gmail": "Gmail sends the draft that stands there",
    "smtp": "the operator's mail server",
    "sendgrid": "the workspace's SendGrid account",
}
LATER = "It holds for what is approved from now on. A draft that stands gets another sender when it is next edited or written anew."
PASSWORD_IN, KEY_IN = "SMTP_PASSWORD", "SENDGRID_API_KEY"


@dataclass(frozen=True)
class Wish:
    """As it was typed; None was not named."""

    send_as: str | None
    way: str | None
    smtp: Mapping[str, object] | None
    events_key: str | None

    @property
    def body(self) -> dict[str, Any]:
        sendgrid = None if self.events_key is None else {"events_key": self.events_key}
        told = {"send_as": self.send_as, "way": self.way, "smtp": self.smtp, "sendgrid": sendgrid}
        return {name: one for name, one in told.items() if one is not None}


def server(host: str | None, *, port: int | None, implicit_tls: bool, username: str, greets_as: str) -> Mapping[str, object] | None:
    """None when none was named. Failure for what belongs to one without it."""
    if host is None:
        if port is not None or implicit_tls or username or greets_as:
            fix = "a mail server is set as a whole: name --host again with the rest"
            raise Failure("--port, --implicit-tls, --username and --greets-as belong to a --host", fix=fix, code=ExitCode.USAGE)
        return None
    usual = 465 if implicit_tls else 587
    return {"host": host, "port": port or usual, "implicit_tls": implicit_tls, "username": username, "greets_as": greets_as}


def chosen(mailboxes: Sequence[Found], who: str) -> str:
    """The id of whose id or address was named; of the first one when nobody was."""
    named = [one for one in mailboxes if who.lower() in ("", one["operator_id"], one["address"].lower())]
    if not named:
        known = ", ".join(one["operator_id"] for one in mailboxes)
        raise Failure(f"there is no operator {who}", fix=f"one of: {known}", code=ExitCode.NOT_FOUND)
    return str(named[0]["operator_id"])


@dataclass(frozen=True)
class Credentials:
    """As they were typed; empty what was not asked for."""

    password: str
    sendgrid_key: str


def credentials(*, password: bool, sendgrid_key: bool) -> Credentials:
    """Asked for before anything is changed."""
    return Credentials(
        password=asked_for("Password of the mail server", PASSWORD_IN) if password else "",
        sendgrid_key=asked_for("API key of SendGrid (SG.…)", KEY_IN) if sendgrid_key else "",
    )


def settled(api: Api, who: str, wish: Wish, told: Credentials) -> Found:
    """The settings afterwards. Whoever only gives a credential changes none."""
    id = chosen(api.mailboxes()["items"], who)
    only_credentials = not wish.body and (told.password or told.sendgrid_key)
    return api.mailbox(id) if only_credentials else api.change_mailbox(id, **wish.body)


def keep_credentials(told: Credentials, found: Found, *, project: str, url: str) -> None:
    """Under the names that the settings say. Failure when nothing would use them."""
    password = (told.password, (found["smtp"] or {}).get("password_secret"), "no mail server asks for a password", "--host and --username")
    key = (told.sendgrid_key, (found["sendgrid"] or {}).get("key_secret"), "the workspace has no SendGrid account", "--events-key")
    for value, secret, why_not, first in (password, key):
        if value and not secret:
            raise Failure(f"it was not kept: {why_not}", fix=f"name {first} with it", code=ExitCode.USAGE)
        if value:
            keep(str(secret), value, project=project, url=url)


def page(found: Found) -> RenderableType:
    shown = [
        ("Mailbox", f"{found['address']}, {found['operator']}"),
        ("Writes as", found["send_as"] or f"{found['address']} (its own)"),
        ("Way out", f"{found['way']}: {WAYS[found['way']]}"),
    ]
    smtp, account = found["smtp"], found["sendgrid"]
    if smtp:
        tls = "TLS from the first byte" if smtp["implicit_tls"] else "STARTTLS"
        signs_in = f"as {smtp['username']}, password in {smtp['password_secret']}" if smtp["username"] else "without signing in"
        shown.append(("Mail server", f"{smtp['host']}:{smtp['port']}, {tls}, {signs_in}"))
    if account:
        shown.append(("SendGrid", f"API key in {account['key_secret']}; its signed Event Webhook should call {account['events_url']}"))
    return Group(rows(*((name, safe(told)) for name, told in shown)), Text(), safe(LATER, "dim"))

"""Where people are told, on screen and as it is typed; and the bot token on its way into Secret Manager. Used by notice_commands."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from infra.cli.client import Found
from infra.cli.failures import ExitCode, Failure
from infra.cli.findings import Finding, broken, doubtful, fine
from infra.cli.listing import table_of
from infra.cli.safekeeping import asked_for, keep
from infra.cli.wording import rows, safe

TOKEN_IN = "SLACK_BOT_TOKEN"
TRIAL = "`sdr notices try` puts a trial notice there, and says what is wrong"


def asked(slack: str | None, mail: Sequence[str], no_mail: Sequence[str], own: Sequence[str]) -> dict[str, Any]:
    """The body of the change; empty when nothing was named."""
    readers: dict[str, dict[str, object]] = {}
    for one in mail:
        readers.setdefault(one, {})["by_mail"] = True
    for one in no_mail:
        readers.setdefault(one, {})["by_mail"] = False
    for one in own:
        who, separator, channel = one.partition("=")
        if not separator or not who:
            raise Failure(f"--own: {one!r} should be operator=U…", fix="for example --own mara=U0MARA0001", code=ExitCode.USAGE)
        readers.setdefault(who, {})["slack"] = channel
    return ({} if slack is None else {"slack_channel": slack}) | ({"operators": readers} if readers else {})


def keep_token(secret: str, *, project: str, url: str) -> None:
    """Failure saying what to do."""
    value = asked_for("Bot token of the Slack app (xoxb-…)", TOKEN_IN)
    if not value.startswith("xoxb-") or not value.isascii():
        raise Failure("that is no bot token", fix="it begins with xoxb- and stands under OAuth & Permissions of your Slack app")
    keep(secret, value, project=project, url=url)


def findings(found: Found, connections: Sequence[Found]) -> Iterator[Finding]:
    """For the doctor: what keeps people from being told, at each place, without telling anybody anything."""
    troubled = [one for one in found["books"] if one["trouble"]]
    for book in troubled:
        whose = f" of {book['operator']}" if book["operator"] else ""
        yield broken(f"notices by {book['medium']}{whose}, {book['concern']}", book["trouble"], TRIAL)
    if found["slack_channel"] and not any(one["medium"] == "slack" for one in troubled):
        arrived = any(one["medium"] == "slack" and one["last_at"] for one in found["books"])
        yield fine("notices by slack", "the last one arrived") if arrived else doubtful("notices by slack", "none has been told yet", TRIAL)
    connected = {one["operator"] for one in connections if one["service"] == "google" and one["state"] == "connected"}
    for one in found["operators"]:
        if one["by_mail"] and one["id"] not in connected:
            name = f"notices by mail of {one['id']}"
            yield broken(name, "their mailbox is not connected: nothing arrives there", f"`sdr connect-mailbox {one['id']}`")


def page(found: Found) -> RenderableType:
    told = ", ".join(_reader(one) for one in found["operators"] if one["by_mail"] or one["slack"])
    head = rows(("Slack", found["slack_channel"] or "nobody is told there"), ("Operators", told or "nobody is told by mail"))
    if not found["books"]:
        return Group(head, Text(), Text("Nothing has been told yet: `sdr notices try` shows whether it would arrive."))
    table = table_of("place", "of", "waiting", "told", "last", "trouble")
    for one in found["books"]:
        place = f"{one['medium']} {one['operator']}".strip()
        cells = (place, one["concern"], str(one["waiting"]), str(one["told"]), _moment(one["last_at"]), one["trouble"])
        table.add_row(*(safe(cell) for cell in cells))
    return Group(head, Text(), table)


def tried(found: Found) -> RenderableType:
    table = table_of("place", "works", "what came of it", "what to do")
    for one in found["checks"]:
        works = safe("yes") if one["works"] else safe("no", "red")
        table.add_row(safe(one["what"]), works, safe(one["told"]), safe(one["fix"]))
    return table


def _reader(one: Found) -> str:
    places = [*(["by mail"] if one["by_mail"] else []), *([f"Slack {one['slack']}"] if one["slack"] else [])]
    return f"{one['id']} ({' and '.join(places)})"


def _moment(told: str | None) -> str:
    return told[:16].replace("T", " ") if told else "never"

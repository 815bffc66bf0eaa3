"""The policy, its history, a preview and the quotas on screen; and how settings are read from the command line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infra.cli.client import Found
from infra.cli.failures import ExitCode, Failure
from infra.cli.telling import moment
from infra.cli.wording import command_name, rows, safe
from shared.domain.policy import Rules

SHOWN = 20
"""Decisions of a preview on screen; --json has more of them."""


def proposal(settings: Sequence[str], file: Path | None) -> Mapping[str, Any]:
    """As the API takes it. Failure for neither or both, and for what is no setting."""
    if bool(settings) == (file is not None):
        raise Failure("say what to change", fix="as name=value, or with --file the whole rules", code=ExitCode.USAGE)
    if file is None:
        return {"patch": patch(settings)}
    try:
        return {"rules": json.loads(file.read_text(encoding="utf-8"))}
    except (OSError, ValueError) as error:
        raise Failure(f"{file} cannot be read as JSON: {error}", fix="`sdr policy show --json` has rules to begin with") from None


def patch(settings: Sequence[str]) -> dict[str, Any]:
    """`quotas.mailbox_per_day=5` sets one field; what is no JSON is taken as it stands: mode=SEND_ALLOWED."""
    wanted: dict[str, Any] = {}
    for one in settings:
        name, given, value = one.partition("=")
        if not given or not all(name.split(".")):
            raise Failure(f"“{one}” is no setting", fix="write name=value, such as quotas.mailbox_per_day=5", code=ExitCode.USAGE)
        *above, last = name.split(".")
        inner = wanted
        for part in above:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                raise Failure(f"“{one}” is set twice", fix="say it once", code=ExitCode.USAGE)
        inner[last] = _value(name, value)
    return wanted


def _value(name: str, text: str) -> Any:
    """What is said in words is taken as it stands, be it a number: a reference such as 2026."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(_usual(name), str) and not isinstance(value, str | None) else value


def _usual(name: str) -> Any:
    """The careful default of a setting; None for what is no setting."""
    found: Any = Rules().model_dump(mode="json")
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def policy_page(found: Found) -> RenderableType:
    """Every rule on a line of its own, by its full name: as `policy set` takes it."""
    rules = found["rules"]
    shown = [(name, _spoken(value)) for name, value in _leaves(rules) if not name.startswith("kill_switch")]
    return Group(Text(_decided(found)), Text(_switch(found)), Text(), rows(*shown))


def changed_page(before: Found, found: Found) -> RenderableType:
    """What a decision has changed: what it said, what it says now."""
    changed = [one for one in _changes(before["rules"], found["rules"]) if not one[0].startswith("kill_switch")]
    return Group(Text(_decided(found)), rows(*changed), Text(f"{command_name()} policy show has every rule.", style="dim"))


def _decided(found: Found) -> str:
    if not found["changed_by"]:
        return "Policy version 0: nobody has decided anything yet, so the careful defaults hold."
    return f"Policy version {found['version']}, by {found['changed_by']}, {moment(found['changed_at'])}: {found['reason']}"


def _switch(found: Found) -> str:
    switch = found["rules"]["kill_switch"]
    if not switch["on"]:
        return "The kill switch is off."
    return f"The kill switch is ON: nothing leaves. By {switch['by']}, {moment(switch['at'])}: {switch['reason']}"


def switch_page(found: Found) -> RenderableType:
    how = f"{command_name()} release lets things leave again." if found["rules"]["kill_switch"]["on"] else ""
    return Group(safe(_switch(found)), *([Text(how, style="dim")] if how else []))


def _leaves(document: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _spoken(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or "none"
    return {"None": "not set", "": "not set", "True": "yes", "False": "no", "{}": "none"}.get(str(value), str(value))


def history_page(found: Found) -> RenderableType:
    if not found["items"]:
        return Text("Nobody has changed the policy yet.")
    table = _table("version", "when", "by", "why")
    for one in found["items"]:
        table.add_row(str(one["version"]), moment(one["changed_at"]), safe(one["changed_by"]), safe(one["reason"]))
    more = [Text(f"There are more: --after {found['next']}", style="dim")] if found["next"] else []
    return Group(table, *more)


def preview_page(found: Found) -> RenderableType:
    """The changes, then what they would have changed, by rule and by limit."""
    changed = _changes(found["before"], found["after"])
    since = f"Looked at {found['decisions']} decisions and {found['sends']} sent mails since {moment(found['since'])}"
    limit = "." if found["complete"] else ", the newest: there were more."
    return Group(
        rows(*changed) if changed else Text("These are the rules in force."),
        Text(),
        Text(since + limit),
        *_ending(found, "refused", "would have been refused"),
        *_ending(found, "allowed", "would not have been refused any more"),
        *_waiting(found),
        *_unattended(found),
    )


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str]]:
    old, new = dict(_leaves(before)), dict(_leaves(after))
    names = [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)]
    return [(name, f"{_spoken(old.get(name))} → {_spoken(new.get(name))}") for name in names]


def _ending(found: Found, kind: str, told: str) -> Iterator[RenderableType]:
    yield Text(f"{found[kind]} {told}.")
    if found[kind]:
        yield rows(*((name, str(count)) for name, count in found[f"{kind}_by_rule"].items()))
        table = _table("draft", "when", "because")
        for one in found[f"{kind}_decisions"][:SHOWN]:
            table.add_row(safe(one["draft_id"]), moment(one["at"]), safe(one["reason"] or ", ".join(one["rules"])))
        yield table


def _waiting(found: Found) -> Iterator[RenderableType]:
    limits = dict.fromkeys((*found["waited"], *found["waited_now"]))
    if not limits:
        yield Text("No mail would have waited for a quota.")
        return
    yield Text("Mails that would have waited for a quota, and under the present one:")
    yield rows(*((name, f"{found['waited'].get(name, 0)}, now {found['waited_now'].get(name, 0)}") for name in limits))


REPLAYS = {
    "same": "The log, read from its beginning, says the same.",
    "different": "The log, read from its beginning, says something else: `sdr audit verify` tells whether it was changed.",
    "unknown": "The log could not be read from its beginning in one go.",
}


def autonomy_page(found: Found) -> RenderableType:
    """Per operator, kind of mail and rule: whether it may act, and what it has earned."""
    stance = {"off": "Auto-approval is off.", "watch": "Auto-approval watches and approves nothing.", "act": "Auto-approval is on."}
    reading = [] if found["complete"] else [Text("The log is still being read: look again.")]
    table = _table("operator", "kind", "rule", "may act", "because")
    for one in found["items"]:
        table.add_row(safe(one["operator_id"]), one["touch"], one["rule"], "yes" if one["may_act"] else "no", safe(one["told"]))
    replay = [Text(REPLAYS[found["replay"]])] if "replay" in found else []
    return Group(Text(stance[found["stance"]]), *reading, table, *replay)


def _unattended(found: Found) -> Iterator[RenderableType]:
    """Only when drafts were considered at all."""
    auto, now = found["auto_approval"], found["auto_approval_now"]
    if auto["considered"]:
        count, present = sum(auto["approved"].values()), sum(now["approved"].values())
        yield Text(f"{count} of {auto['considered']} drafts a rule spoke for would have left without a person, now {present}.")
        told = {**auto["approved"], "checked by a person": auto["sampled"]} | {f"of those {fate}": n for fate, n in auto["judged"].items()}
        yield rows(*((name, str(number)) for name, number in told.items()))


def quota_page(found: Found) -> RenderableType:
    table = _table("of", "limit", "used", "allowed", "a place becomes free")
    for one in found["items"]:
        table.add_row(safe(one["whose"]), safe(one["told"]), str(one["used"]), str(one["allowed"]), _resets(one))
    return table


def _resets(one: Mapping[str, Any]) -> str:
    if not one["resets_at"]:
        return "" if one["allowed"] else "never: none is allowed"
    zone = str(one["zone"])
    return f"{datetime.fromisoformat(one['resets_at']).astimezone(ZoneInfo(zone)):%a %d %b %H:%M} ({zone})"


def _table(*headers: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for header in headers:
        table.add_column(header, overflow="fold")
    return table

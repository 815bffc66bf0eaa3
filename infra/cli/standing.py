"""How the workspace stands, on screen: its state, its mailboxes and its dead letters. Used by standing_commands."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from infra.cli import telling
from infra.cli.client import Found
from infra.cli.listing import table_of
from infra.cli.wording import rows, safe

COUNTED_TO = 100
"""Where the API stops counting."""


def status_page(found: Found) -> RenderableType:
    return Group(
        rows(
            ("Workspace", found["workspace"]),
            ("Mode", f"{found['mode']}, policy version {found['policy_version']}{', KILL SWITCH ON' if found['kill_switch'] else ''}"),
            ("For you", f"{_count(found['drafts_pending'])} drafts to decide, {_count(found['sends_parked'])} parked sends"),
            ("On its way", f"{_count(found['sends_waiting'])} sends wait, {_count(found['runs_paused'])} runs are paused"),
            ("Given up", f"{_count(found['dead_letters_open'])} dead letters open"),
            ("Mailboxes", f"{found['mailboxes_listening']} of {found['mailboxes']} are listened to"),
            ("Forms", f"last read {_moment(found['forms_polled_at'])}{_because(found['forms_trouble'])}"),
            ("Canary", f"last came through {_moment(found['canary_passed_at'])}{_because(found['canary_alarm'])}"),
        ),
        Text(),
        _dependencies_table(found["dependencies"]),
    )


def _dependencies_table(items: Sequence[Found]) -> RenderableType:
    table = table_of("depends on", "calls", "last success", "why")
    for one in items:
        calls = safe("held back", "red") if one["state"] == "open" else safe("go through")
        table.add_row(safe(one["name"]), calls, safe(_moment(one["last_success"])), safe(one["reason"]))
    return table


def mailboxes_table(items: Sequence[Found]) -> RenderableType:
    table = table_of("mailbox", "operator", "listening", "last read", "trouble")
    for one in items:
        listening = safe("yes") if one["listening"] else safe("no", "red")
        table.add_row(safe(one["address"]), safe(one["operator"]), listening, safe(_moment(one["read_at"])), safe(one["trouble"]))
    return table


def letters_table(items: Sequence[Found]) -> RenderableType:
    if not items:
        return Text("None. Whatever came could be processed.")
    table = table_of("dead letter", "state", "function", "since", "why")
    for one in items:
        table.add_row(*(safe(told) for told in (one["id"], one["state"], one["function"], _moment(one["received_at"]), one["reason"])))
    return table


def letter_page(found: Found) -> RenderableType:
    by = f"{found['state']} by {found['decided_by']}" if found["decided_by"] else found["state"]
    return rows(
        ("Dead letter", found["id"]),
        ("State", by + _because(found["note"])),
        ("Function", f"{found['function']}, after {found['attempts']} attempts"),
        ("Since", _moment(found["received_at"])),
        ("Why", found["reason"]),
        ("Run", found["run_id"] or "none"),
        ("Said", safe(found["payload"])),
    )


def _count(number: int) -> str:
    return f"{number}{' or more' if number >= COUNTED_TO else ''}"


def _moment(at: str | None) -> str:
    return telling.moment(at) if at else "never"


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""

"""Lists and single runs and drafts on screen, and a run's timeline. Used by runs, drafts, holds and trace."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infra.cli import telling
from infra.cli.client import Found
from infra.cli.wording import coloured, rows, safe

NOBODY = "None yet. A form brings one: sdr submit-form"


def page(found: Found, table: Callable[[Sequence[Found]], RenderableType]) -> RenderableType:
    """A page of a list, and how to get the next one."""
    more = [Text(), Text(f"There are more: --after {found['next']}", style="dim")] if found["next"] else []
    return Group(table(found["items"]), *more)


def runs_table(items: Sequence[Found]) -> RenderableType:
    if not items:
        return Text(NOBODY)
    table = table_of("run", "progress", "state", "plan", "contact", "updated (UTC)", "why")
    for one in items:
        state, why = _standing(one)
        table.add_row(
            safe(one["id"]),
            coloured(one["progress"]),
            safe(state),
            safe(one["action"] or ""),
            safe(one["recipient"]),
            safe(_when(one)),
            safe(why, "dim"),
        )
    return table


def _standing(run: Found) -> tuple[str, str]:
    """How far it is, and why it is no further. What was refused has ended as it should: that is no failure."""
    if run["state"] == "failed":
        return f"failed in {run['failed_stage']}", run["failure_reason"]
    if run["refused"]:
        return "refused", run["refused"]
    return (f"{run['state']}, paused", run["paused"]) if run["paused"] else (run["state"], run["placement_note"])


def drafts_table(items: Sequence[Found]) -> RenderableType:
    if not items:
        return Text(NOBODY)
    table = table_of("draft", "state", "verdict", "contact", "subject", "updated (UTC)")
    for one in items:
        gate = coloured(one["verdict"] or "not judged")
        table.add_row(safe(one["id"]), safe(one["state"]), gate, safe(one["recipient"]), safe(one["subject"]), safe(_when(one)))
    return table


def holds_table(items: Sequence[Found]) -> RenderableType:
    if not items:
        return Text("None yet. A draft that offers times brings them.")
    table = table_of("time", "state", "contact", "why it ended")
    for one in items:
        table.add_row(*(safe(one[name]) for name in ("spoken", "state", "recipient", "reason")))
    return table


def run_page(run: Found) -> RenderableType:
    """The history with the failing step, the plan and its reason."""
    shown: list[tuple[str, RenderableType | str]] = [("Run", run["id"]), ("Progress", coloured(run["progress"]))]
    if "recipient" not in run:  # announced, and no submission found behind it yet
        told = f"{run['step']}{': ' if run.get('reason') else ''}{run.get('reason', '')}"
        return rows(*shown, ("Step", told), ("Since", telling.moment(run["created_at"])))
    shown += [("Contact", run["recipient"]), *telling.plan_rows(run)]
    if run["failed_stage"]:
        shown.append(("Failed in", safe(f"{run['failed_stage']}: {run['failure_reason']}", "red")))
    if run["paused"]:
        shown.append(("Paused in", safe(f"{run['paused']}; then it goes on by itself", "yellow")))
    if run["placement_note"]:
        shown.append(("Refused" if run["refused"] else "Not placed", run["placement_note"]))
    shown += [("Draft", run["draft_id"] or "none"), ("HubSpot", _in_hubspot(run)), ("Trace", run["trace_id"])]
    return Group(rows(*shown), Text(), timeline(run, with_models=False))


def trace_page(run: Found) -> RenderableType:
    """Who it was about, then everything that happened with its moment."""
    if "recipient" not in run:
        return run_page(run)
    head = Text.assemble(safe(run["id"], "bold"), safe(f"  {run['recipient']}  "), coloured(run["progress"]))
    began = safe(f"began {telling.moment(run['created_at'])}, trace {run['trace_id']}", "dim")
    return Group(head, began, Text(), timeline(run), Text(), safe(_spent(run["model_calls"])))


def draft_page(draft: Found) -> RenderableType:
    """The mail with the source of every sentence, the verdict, and where it stands."""
    author, placement = draft["authorship"], draft.get("placement")
    where = f"{placement['gmail_draft_id']} in thread {placement['thread_id']}, {placement['url']}" if placement else "not in Gmail"
    return rows(
        ("Draft", draft["id"]),
        ("State", f"{draft['state']}{': ' if draft['state_reason'] else ''}{draft['state_reason']}"),
        ("Run", draft["run_id"]),
        ("To", f"{draft['recipient_name']} <{draft['recipient']}>".strip()),
        ("Subject", draft["text"]["subject"]),
        ("Written by", f"{author['model']}, prompt {author['prompt_version']}{_fallback(author)}"),
        ("", Text()),
        ("Mail", telling.letter(draft)),
        ("", Text()),
        ("Gate", telling.verdict(draft.get("verdict"))),
        ("Law", telling.law(draft)),
        ("Gmail", where),
        *_deciding(draft),
        *([("In doubt", ", ".join(draft["times_in_doubt"]))] if draft.get("times_in_doubt") else []),
    )


def _deciding(draft: Found) -> Iterator[tuple[str, RenderableType | str]]:
    """Whose text it is, who decided, and when somebody wants to see it again."""
    if draft["revision"] > 1:
        told = f"{draft['revision']}, by {draft['revised_by']}"
        yield "Revision", told if draft["in_gmail"] == draft["revision"] else f"{told}; Gmail still has {draft['in_gmail']}"
    if draft["rewriting"]:
        yield "Being written", f"anew{': ' if draft['rewriting']['instruction'] else ''}{draft['rewriting']['instruction']}"
    if draft["considered"]:
        yield "Unattended", f"{draft['considered']['told']} Its wording is {draft['considered']['wording']}."
    if draft["objected_by"]:
        yield "Objected by", draft["objected_by"]
    if draft["decided_by"]:
        yield "Decided by", f"{draft['decided_by']}, {telling.moment(draft['decided_at'])}"
    if draft["snoozed_until"]:
        yield "Snoozed until", telling.moment(draft["snoozed_until"])


def sends_table(items: Sequence[Found]) -> RenderableType:
    if not items:
        return Text("None yet. An approval where sending is allowed brings one: sdr approve")
    table = table_of("send", "state", "contact", "due (UTC)", "why")
    for one in items:
        due = f"{datetime.fromisoformat(one['due_at']):%Y-%m-%d %H:%M:%S}"
        table.add_row(safe(one["id"]), safe(one["state"]), safe(one["recipient"]), safe(due), safe(one["reason"]))
    return table


def send_page(send: Found) -> RenderableType:
    """What is to leave or has left, and every step with its reason."""
    table = table_of("when", "what", "")
    for step in send["history"]:
        table.add_row(safe(telling.moment(step["at"])), safe(step["state"]), safe(step["note"]))
    shown = (("Send", send["id"]), ("Draft", send["draft_id"]), ("To", send["recipient"]), ("State", send["state"]))
    return Group(rows(*shown, ("Due", telling.moment(send["due_at"])), ("Why", send["reason"])), Text(), table)


def timeline(run: Found, *, with_models: bool = True) -> RenderableType:
    """Every state with its moment, stage and note, and between them the model calls."""
    table = table_of("after", "what", "by", "")
    began = datetime.fromisoformat(run["created_at"])
    moments = [*_steps(run), *(_calls(run) if with_models else ())]
    for at, what, by, note in sorted(moments, key=lambda one: one[0]):
        table.add_row(
            safe(f"{(at - began).total_seconds():.2f} s"), safe(what, "red" if what == "failed" else ""), safe(by, "dim"), safe(note)
        )
    return table


def _steps(run: Found) -> Iterator[tuple[datetime, str, str, str]]:
    for step in run["history"]:
        yield datetime.fromisoformat(step["at"]), step["state"], step["stage"], step["note"]


def _calls(run: Found) -> Iterator[tuple[datetime, str, str, str]]:
    for call in run.get("model_calls", ()):
        yield datetime.fromisoformat(call["at"]), "model call", call["agent"], _call(call)


def _call(call: Mapping[str, Any]) -> str:
    tries = f", {call['attempts']} attempts" if call["attempts"] > 1 else ""
    ended = "" if call["outcome"] == "ok" else f", {call['outcome']}: {call['reason']}"
    instead = ", the built-in writer took over" if call["fell_back"] else ""
    spent = f"{call['tokens_in']} tokens in, {call['tokens_out']} out, ${call['cost_usd']:.4f}, {call['latency_ms']} ms"
    return f"{call['model'] or 'nobody'}, prompt {call['prompt_version']}, {spent}{tries}{ended}{instead}"


def _spent(calls: Sequence[Mapping[str, Any]]) -> str:
    tokens = sum(one["tokens_in"] + one["tokens_out"] for one in calls)
    return f"{len(calls)} model call{'' if len(calls) == 1 else 's'}, {tokens} tokens, ${sum(one['cost_usd'] for one in calls):.4f}"


def _in_hubspot(run: Found) -> str:
    crm = run.get("crm")
    if not crm:
        return "nothing written"
    return f"note {crm['note_id']}, task {crm['task_id']}" if crm["note_id"] else f"task {crm['task_id']}: a person has to write"


def _fallback(author: Mapping[str, Any]) -> str:
    return f"; it took over after {author['fallback_reason']}" if author["fell_back"] else ""


def _when(one: Found) -> str:
    return f"{datetime.fromisoformat(one['updated_at']):%Y-%m-%d %H:%M:%S}"


def table_of(*headers: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for header in headers:
        table.add_column(header, overflow="fold")
    return table

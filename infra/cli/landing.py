"""Where a run's work stands in Gmail and HubSpot, and everything that is not as it should be. Pure; used by demo and submit-form."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from infra.cli.vendors import GmailDraft

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Landing:
    """`missing` is empty when all of it is true; each line of it says what is not."""

    gmail: Row | None = None
    note: Row | None = None
    task: Row | None = None
    missing: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Observed:
    """What Gmail and HubSpot answered about one person: nothing of it comes from the product."""

    drafts: Sequence[GmailDraft] = ()  # of the mailbox, to this person
    thread: Sequence[Row] = ()  # messages of the thread the only draft stands in
    written_in: frozenset[str] = field(default_factory=frozenset)  # threads this person has written in
    notes: Sequence[Row] = ()  # of the contact
    tasks: Sequence[Row] = ()


def landing_of(run: Row | None, draft: Row | None, seen: Observed) -> Landing:
    """A run's claims against what was observed."""
    if run is None:
        return Landing(missing=("no run was started for this submission",))
    unfinished = () if run["progress"] == "SUCCESS" else (_unfinished(run),)
    gmail, in_gmail = _gmail(draft, seen)
    note, in_notes = _activity(run, "note", seen.notes, body="hs_note_body")
    task, in_tasks = _activity(run, "task", seen.tasks, body="hs_task_body")
    return Landing(gmail=gmail, note=note, task=task, missing=(*unfinished, *in_gmail, *in_notes, *in_tasks))


def _unfinished(run: Row) -> str:
    if run["progress"] == "FAILURE":
        return f"the run failed in {run['failed_stage']}: {run['failure_reason']}"
    return f"the run stands at “{run['state']}” and has not ended"


def _gmail(draft: Row | None, seen: Observed) -> tuple[Row | None, tuple[str, ...]]:
    if draft is None:
        return None, ("no draft was written",)
    if len(seen.drafts) != 1:
        return None, (f"Gmail holds {len(seen.drafts)} drafts to {draft['recipient']}, not one",)
    [standing] = seen.drafts
    told = {
        "draft_id": standing.id,
        "thread_id": standing.thread_id,
        "subject": str(standing.mail.get("Subject", "")),
        "earlier_messages": len(seen.thread) - 1,
    }
    checks = {
        "the Gmail draft is not the one this run wrote": standing.ours == draft["id"],
        "the words in Gmail are not the words that were judged": standing.body == draft["body"],
        "the run does not know this Gmail draft": (draft.get("placement") or {}).get("gmail_draft_id") == standing.id,
        _wrong_thread(seen): _in_its_thread(standing, seen),
    }
    return told, tuple(complaint for complaint, fine in checks.items() if not fine)


def _in_its_thread(standing: GmailDraft, seen: Observed) -> bool:
    """Whoever wrote before is answered where they wrote; for anybody else the draft stands alone in a new thread."""
    return standing.thread_id in seen.written_in if seen.written_in else len(seen.thread) == 1


def _wrong_thread(seen: Observed) -> str:
    return "the Gmail draft is not in a thread this person has written in" if seen.written_in else "the Gmail draft is not in a new thread"


def _activity(run: Row, what: str, rows: Sequence[Row], *, body: str) -> tuple[Row | None, tuple[str, ...]]:
    marker = f"SA-{run['id']}-{what}"
    ours = [row for row in rows if marker in (row["properties"].get(body) or "")]
    if len(ours) != 1:
        return None, (f"HubSpot holds {len(ours)} {what}s of this run at the contact, not one",)
    [row] = ours
    known = (run.get("crm") or {}).get(f"{what}_id")
    told = {"id": row["id"], **{name: value for name, value in row["properties"].items() if name != body and value}}
    return told, () if known == row["id"] else (f"the run does not know HubSpot's {what} {row['id']}",)

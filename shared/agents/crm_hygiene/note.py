"""The HTML of notes and tasks. Everything that goes in is text somebody wrote, so everything is escaped."""

from collections.abc import Iterator
from html import escape

from shared.domain.draft import Draft
from shared.domain.people import Contact
from shared.domain.prose import excerpt, flat
from shared.domain.run import Run
from shared.domain.submission import FormEntry

PREVIEW = 200
"""Characters of the draft's body a note shows."""


def note_html(*, run: Run, draft: Draft | None, contact: Contact, marker: str) -> str:
    lines = [*_headline(draft, contact), *_plan(run), *_verdict(draft), *_where(run, draft)]
    return "".join([*lines, _line(marker)])


def task_html(*, run: Run, draft: Draft | None, marker: str) -> str:
    return "".join([*_plan(run), *_where(run, draft), _line(marker)])


def takeover_html(*, run: Run, draft: Draft | None, who: str, entry: FormEntry, marker: str) -> str:
    """What happened, in words a salesperson uses, and what the programs said."""
    where = f"stands in the imported list “{entry.form_name}”" if entry.imported else f"filled in {_form(entry)}"
    placed = draft is not None and draft.placement is not None
    rest = "the draft was written, but not everything after it was done" if placed else "we could not write a draft: write to them yourself"
    why = _line(f"{run.failure_reason} ({run.failed_stage})", strong="Because:")
    return "".join([_line(f"{who} {where}; {rest}."), why, *(_where(run, draft) if placed else ()), *_plan(run), _line(marker)])


def _form(entry: FormEntry) -> str:
    return f"“{entry.form_name}”" if entry.form_name else "your form"


def preview(draft: Draft) -> str:
    """The beginning of the mail after its greeting, at most 200 characters."""
    told = flat(" ".join(one.text for one in draft.text.sentences))
    return told if len(told) <= PREVIEW else excerpt(told, PREVIEW - 1) + "…"


def _headline(draft: Draft | None, contact: Contact) -> Iterator[str]:
    who = contact.name or contact.email
    if draft is None:
        yield _line("", strong=f"sales-agent drafted nothing for {who}")
        return
    yield _line("", strong=f"sales-agent drafted a mail to {who}: {flat(draft.text.subject)}")
    yield _line(preview(draft))


def _plan(run: Run) -> Iterator[str]:
    if run.plan:
        yield _line(f"{run.plan.action}, {run.plan.urgency.lower()}. {run.plan.reason}", strong="Plan:")


def _verdict(draft: Draft | None) -> Iterator[str]:
    if draft is None or draft.verdict is None:
        return
    reasons = " ".join(one.reason for one in draft.verdict.violations)
    yield _line(f"{draft.verdict.outcome}, risk {draft.verdict.risk} of 100. {reasons}".strip(), strong="Check:")


def _where(run: Run, draft: Draft | None) -> Iterator[str]:
    """The way to the Gmail draft when there is one; otherwise why there is none."""
    placement = draft.placement if draft else None
    if placement and placement.url.startswith("https://"):
        yield f'<p><a href="{escape(placement.url)}">Open the draft in Gmail</a></p>'
    elif placement:
        yield _line("The draft stands in the operator's Gmail.")
    elif draft:
        yield _line(run.placement_note or "The draft did not pass the check.", strong="Not placed in Gmail:")


def _line(text: str, *, strong: str = "") -> str:
    told = [f"<strong>{escape(flat(strong))}</strong>"] if strong else []
    return f"<p>{' '.join([*told, escape(flat(text))]).strip()}</p>"

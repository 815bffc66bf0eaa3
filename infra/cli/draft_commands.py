"""The commands with which somebody decides about drafts, and about the sends that came of them."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from infra.cli.client import Found
from infra.cli.options import After, AsJson, DraftId, Limit, Token, Url, end, opened, show

REASONS = "wrong_facts, wrong_tone, not_relevant, wrong_person, bad_timing, handled, other"
MOMENTS = "in_an_hour, this_afternoon, tomorrow, next_week, now (no longer), or a moment such as 2026-11-24T09:00"
Drafts = Annotated[list[str], typer.Argument(help="Ids of drafts; each is shown and asked about.")]
SendId = Annotated[str, typer.Argument(help="A send's id, as `sdr sends` lists it.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask: what is shown is what leaves.")]


def approve(draft: Drafts, *, yes: Yes = False, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Let drafts leave as you see them: into Gmail to be sent by you, or sent by us where the policy allows it."""
    from infra.cli import decisions
    from infra.cli.wording import console

    end(fine=decisions.approve(console(), opened(url, token), draft, yes=yes, as_json=as_json))


def reject(
    draft: DraftId,
    *,
    reason: Annotated[str, typer.Option(help=f"One of {REASONS}.")],
    note: Annotated[str, typer.Option(help="In your own words.")] = "",
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Want nothing of a draft. It stays in Gmail until you delete it there."""
    from infra.cli import listing

    found = opened(url, token).on_draft(draft, "reject", reason=reason, note=note)
    show(found, lambda: listing.draft_page(found), as_json=as_json)


def edit(
    draft: DraftId,
    *,
    subject: Annotated[str, typer.Option(help="The new subject. Without it and a file, your editor opens ($EDITOR).")] = "",
    body_file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, allow_dash=True, help="The new mail; - reads it here.")
    ] = None,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Put your own words into a draft. The gate judges them anew; sentences you leave keep their sources."""
    from infra.cli import decisions, listing

    found = decisions.edit(opened(url, token), draft, subject=subject, body_file=body_file)
    show(found, lambda: listing.draft_page(found), as_json=as_json)


def attach(
    draft: DraftId,
    documents: Annotated[list[str] | None, typer.Argument(help="Ids or names of documents. Without one, they are listed.")] = None,
    *,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Send documents along as files instead of links. They are fetched from Drive as they are now, and judged."""
    from infra.cli import attaching, listing

    api = opened(url, token)
    if documents:
        found = attaching.attach(api, draft, documents)
        show(found, lambda: listing.draft_page(found), as_json=as_json)
    else:
        known = attaching.documents(api, api.draft(draft))
        show({"items": [asdict(one) for one in known]}, lambda: attaching.page(known), as_json=as_json)


def detach(
    draft: DraftId,
    documents: Annotated[list[str], typer.Argument(help="Ids or names of documents.")],
    *,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Let documents be links again instead of files. To take one out, edit its line away."""
    from infra.cli import attaching, listing

    found = attaching.detach(opened(url, token), draft, documents)
    show(found, lambda: listing.draft_page(found), as_json=as_json)


def regenerate(
    draft: DraftId,
    instruction: Annotated[str, typer.Argument(help="How it should be: shorter, more formal, no call, mention the fair…")] = "",
    *,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Have a draft written anew. What you have seen of it stays until the new text is there."""
    from rich.text import Text

    found = opened(url, token).on_draft(draft, "regenerate", instruction=instruction)
    show(found, lambda: Text(f"It is being written. `sdr drafts show {draft}` shows it in a moment."), as_json=as_json)


def snooze(
    draft: DraftId,
    until: Annotated[str, typer.Argument(help=f"One of {MOMENTS}; in your own time.")] = "tomorrow",
    *,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Put a draft off: it leaves the list until then."""
    from infra.cli import listing

    found = opened(url, token).on_draft(draft, "snooze", until=until)
    show(found, lambda: listing.draft_page(found), as_json=as_json)


def undo(draft: DraftId, *, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Take an approval back: the draft waits for a decision again."""
    from infra.cli import listing

    found = opened(url, token).on_draft(draft, "undo")
    show(found, lambda: listing.draft_page(found), as_json=as_json)


def object_to(draft: DraftId, *, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Say that a rule should not have let a mail leave: it counts as a rejection."""
    from infra.cli import listing

    found = opened(url, token).on_draft(draft, "object")
    show(found, lambda: listing.draft_page(found), as_json=as_json)


def sends(
    *,
    state: Annotated[str, typer.Option(help="Only those: approved, held, sent, parked, …")] = "",
    limit: Limit = 20,
    after: After = "",
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Show what is to leave or has left, when, and why not yet."""
    from infra.cli import listing

    page = opened(url, token).sends(limit=limit, after=after, state=state)
    show(page, lambda: listing.page(page, listing.sends_table), as_json=as_json)


def send(send: SendId, *, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Show one send: when it is due, why it waits or how it ended, step by step."""
    _show_send(opened(url, token).send(send), as_json=as_json)


def cancel(send: SendId, *, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Take a mail back before it leaves: its draft waits for a decision again."""
    _show_send(opened(url, token).on_send(send, "cancel"), as_json=as_json)


def resolve(
    send: SendId,
    *,
    left: Annotated[bool | None, typer.Option("--left/--not-left", help="What you saw in the mailbox, should it show nothing now.")] = None,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Settle what became of a parked send. The mailbox is asked first; your word counts where it cannot tell."""
    word = None if left is None else "left" if left else "not_left"
    _show_send(opened(url, token).on_send(send, "resolve", word=word), as_json=as_json)


def _show_send(found: Found, *, as_json: bool) -> None:
    from infra.cli import listing

    show(found, lambda: listing.send_page(found), as_json=as_json)


def join(app: typer.Typer) -> None:
    """Each under its own name."""
    for command in (approve, reject, edit, attach, detach, regenerate, snooze, undo, sends, send, cancel, resolve):
        app.command()(command)
    app.command("object")(object_to)

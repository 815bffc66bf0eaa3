"""Approving and editing from a terminal: what was shown is what leaves. Used by the deciding commands."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
import typer
from rich.console import Console, Group, RenderableType
from rich.text import Text

from infra.cli import listing, telling
from infra.cli.client import Api, Found
from infra.cli.failures import ExitCode, Failure
from infra.cli.wording import safe, say, to_json

SUBJECT = "Subject: "
HELD_BACK = "an approval needs somebody who looks: leave --json away, or add --yes"
SOON_S = 90
MOST = 25
"""As many as the API takes at once."""


def approve(out: Console, api: Api, ids: Sequence[str], *, yes: bool, as_json: bool) -> bool:
    """False when one of them was not approved."""
    if as_json and not yes:
        raise Failure(HELD_BACK, code=ExitCode.USAGE)
    wanted = [one for id in dict.fromkeys(ids) if (one := _looked_at(out, api, id, yes=yes, quiet=as_json))]
    outcomes = [one for start in range(0, len(wanted), MOST) for one in api.approve_many(wanted[start : start + MOST])]
    to_json({"items": outcomes}) if as_json else say(out, Group(*map(_told, outcomes)))
    return all(one["approved"] for one in outcomes)


def _looked_at(out: Console, api: Api, id: str, *, yes: bool, quiet: bool) -> Found | None:
    """The draft as it was shown; None when somebody says no to it."""
    shown = api.draft(id)
    if not quiet:
        say(out, listing.draft_page(shown), Text(), wide=True)
    return shown if yes or _agreed(f"Let this leave to {shown['recipient']}?") else None


def _agreed(question: str) -> bool:
    try:
        return typer.confirm(question, default=False, err=True)
    except typer.Abort:  # Ctrl-C, or nobody is there to ask
        raise Failure("nobody has answered, so nothing was approved", fix="answer in a terminal, or add --yes") from None


def _told(outcome: Found) -> RenderableType:
    if not outcome["approved"]:
        return Text.assemble(("✗ ", "red"), safe(f"{outcome['id']}: {'; '.join(outcome['reasons'])}"))
    where = f"leaves {_when(outcome)} as {outcome['send_id']}" if outcome["send_id"] else "is yours to send from Gmail"
    return Text.assemble(("✓ ", "green"), safe(f"{outcome['id']} is approved and {where}"))


def _when(outcome: Found) -> str:
    """Soon: in so many seconds, which is how long it can be taken back."""
    seconds = outcome["due_in_s"]
    return f"in {seconds} s" if seconds < SOON_S else telling.moment(outcome["due_at"])


def edit(api: Api, id: str, *, subject: str, body_file: Path | None) -> Found:
    """The draft as it is afterwards. What is not given stays; when nothing is, an editor opens."""
    shown = api.draft(id)
    if subject or body_file:
        body = shown["body"] if body_file is None else _read(body_file)
        return _edited(api, shown, subject=subject or shown["text"]["subject"], body=body)
    typed = _typed(f"{SUBJECT}{shown['text']['subject']}\n\n{shown['body']}")
    if typed is None:
        raise Failure("nothing was saved, so nothing was changed")
    head, _, body = typed.partition("\n")
    if not head.startswith(SUBJECT.strip()):
        raise Failure(f"the first line should be “{SUBJECT}…”", fix="leave it where it is", code=ExitCode.USAGE)
    return _edited(api, shown, subject=head.removeprefix(SUBJECT.strip()).strip(), body=body)


def _typed(text: str) -> str | None:
    if not sys.stdin.isatty():  # an editor would wait for ever for somebody to type
        raise Failure(
            "there is no terminal to edit in", fix="use --subject or --body-file; - reads the mail from here", code=ExitCode.USAGE
        )
    try:
        return click.edit(text, extension=".txt", require_save=True)
    except click.ClickException as error:
        fix = "name one that works in EDITOR, or use --body-file"
        raise Failure(f"no editor could be opened: {error.message}", fix=fix) from None


def _edited(api: Api, shown: Found, *, subject: str, body: str) -> Found:
    return api.on_draft(shown["id"], "edit", subject=subject, body=body, revision=shown["revision"])


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Failure(f"{file} is no text in UTF-8", code=ExitCode.USAGE) from None

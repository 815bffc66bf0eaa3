"""`sdr audit`: the log of what was decided, its export, and its verification."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from infra.cli.options import After, AsJson, Limit, Token, Url, end, opened, show

audit = typer.Typer(
    invoke_without_command=True, help="Audit: what was decided, by whom and why; exports of it; and whether anybody has touched it."
)
Contact = Annotated[str, typer.Option(help="Only what is about this address.")]
Company = Annotated[str, typer.Option(help="Only what is about people of this mail domain.")]
Draft = Annotated[str, typer.Option(help="Only what is about this draft, by its id.")]
Actor = Annotated[str, typer.Option(help="Only what this person, token or stage did.")]
Action = Annotated[str, typer.Option(help="Only this kind of decision, for example draft.approved.")]
Since = Annotated[str, typer.Option("--from", help="From this day or moment on, for example 2026-11-23.")]
Until = Annotated[str, typer.Option("--to", help="Before this day or moment.")]


@audit.callback()
def audit_list(
    context: typer.Context,
    *,
    contact: Contact = "",
    company: Company = "",
    draft: Draft = "",
    actor: Actor = "",
    action: Action = "",
    since: Since = "",
    until: Until = "",
    limit: Limit = 20,
    after: After = "",
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Show what was decided, newest first."""
    if context.invoked_subcommand is not None:
        return
    from infra.cli import auditing, listing

    filters = auditing.Filters(contact, company, draft, actor, action, since, until)
    found = opened(url, token).audit(filters.query, limit=limit, after=after)
    show(found, lambda: listing.page(found, auditing.entries_table), as_json=as_json)


@audit.command("export")
def audit_export(
    *,
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="The file to write; it must not exist yet.")],
    kind: Annotated[Literal["json", "csv"], typer.Option("--format", help="json verifies by itself; csv opens in a spreadsheet.")] = "json",
    contact: Contact = "",
    company: Company = "",
    draft: Draft = "",
    actor: Actor = "",
    action: Action = "",
    since: Since = "",
    until: Until = "",
    url: Url = "",
    token: Token = "",
) -> None:
    """Write everything that fits into a file."""
    from infra.cli import auditing
    from infra.cli.wording import console

    filters = auditing.Filters(contact, company, draft, actor, action, since, until)
    auditing.export(console(), opened(url, token), filters, kind=kind, file=out)


@audit.command("verify")
def audit_verify(
    *,
    file: Annotated[Path | None, typer.Argument(help="An exported JSON file, which needs no suite. Default: the log itself.")] = None,
    keys: Annotated[Path | None, typer.Option(help="With a file: lines of version:key, to prove who sealed it.")] = None,
    head: Annotated[Path | None, typer.Option(help="With a file: a head out of the vault, which it has to lead to.")] = None,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Check that nothing in the log was changed, removed, put in or moved since it was sealed. Names what was."""
    from infra.cli import auditing
    from infra.cli.wording import console

    if file is not None:
        fine = auditing.verify_file(console(), file, keys=keys, head=head, as_json=as_json)
    else:
        fine = auditing.verify(console(), opened(url, token), as_json=as_json)
    end(fine=fine)


def join(app: typer.Typer) -> None:
    """Everything of this module becomes part of `sdr`."""
    app.add_typer(audit, name="audit")

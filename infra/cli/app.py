"""The commands of `sdr`: what they are called, what they take, and what they mean to somebody in sales."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from infra.cli import (
    audit_commands,
    connect_commands,
    draft_commands,
    mailbox_commands,
    notice_commands,
    policy_commands,
    standing_commands,
)
from infra.cli.failures import MEANINGS, ExitCode, Failure
from infra.cli.options import After, AsJson, DraftId, Limit, RunId, Token, Url, end, opened, show
from infra.models import KeyMissing, ModelChoice, model_for

STARTED = time.monotonic()

app = typer.Typer(
    name="sdr",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog=MEANINGS,
    help="Your AI sales-development representative: a filled-in form becomes a grounded draft in Gmail. Nothing is sent without you.",
)
runs = typer.Typer(no_args_is_help=True, help="Runs: one pass from a filled-in form to a draft and a CRM entry.")
drafts = typer.Typer(no_args_is_help=True, help="Drafts: what was written, from which sources, and what the quality gate said.")
holds = typer.Typer(no_args_is_help=True, help="Holds: times a draft offers, kept free in the calendar until nobody needs them.")
app.add_typer(runs, name="runs")
app.add_typer(drafts, name="drafts")
app.add_typer(holds, name="holds")
draft_commands.join(app)
policy_commands.join(app)
audit_commands.join(app)
connect_commands.join(app)
standing_commands.join(app)
notice_commands.join(app)
mailbox_commands.join(app)

Model = Annotated[
    ModelChoice | None,
    typer.Option(
        help="Who writes: the built-in writer, an emulated OpenAI, or the real one. Default: the real one if OPENAI_API_KEY is set."
    ),
]


@app.command()
def up(
    *,
    port: Annotated[int, typer.Option(min=1024, max=65500, help="The functions' port; the emulators take the ones after it.")] = 8080,
    state: Annotated[
        Path | None, typer.Option(file_okay=False, help="Keep everything in this folder and go on from there next time.")
    ] = None,
    seed: Annotated[bool, typer.Option(help="Begin with a sample operator, portal, mailbox, Drive and calendar.")] = True,
    unconnected: Annotated[
        bool, typer.Option("--unconnected", help="Begin without a workspace: the vendors alone, to create and connect one yourself.")
    ] = False,
    model: Model = None,
    as_json: AsJson = False,
) -> None:
    """Start the whole product on this machine and leave it running. Ctrl-C stops it."""
    from infra.cli import up as starting
    from infra.cli.wording import console

    starting.up(console(), starting.Wish(port, state, seed and not unconnected, unconnected, _chosen(model), as_json))


@app.command()
def demo(
    *,
    submissions: Annotated[int, typer.Option(min=1, max=50, help="How many people fill in a form.")] = 3,
    model: Model = None,
    as_json: AsJson = False,
) -> None:
    """Watch people fill in forms, and what becomes of it: plan, draft, verdict, Gmail, HubSpot. Fails if anything is missing there."""
    from infra.cli import demo as showing
    from infra.cli.wording import console

    end(fine=showing.demo(console(), showing.Wish(submissions, _chosen(model), as_json, STARTED)))


@app.command("submit-form")
def submit_form(
    *,
    email: Annotated[str, typer.Option(help="Who fills it in.")],
    form: Annotated[str, typer.Option(help="Which form: its id, or a word of its title. Default: the first one.")] = "",
    field: Annotated[
        list[str] | None, typer.Option(help="An answer as name=value, for example message='Could we talk?'. Repeat it.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Follow the run to its end and show what came of it.")] = False,
    timeout: Annotated[
        float | None, typer.Option(min=1, help="With --wait: how many seconds at most. Default: 60, or 480 if no webhook tells of it.")
    ] = None,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Fill in a form, as a visitor of your website would."""
    from infra.cli import submitting
    from infra.cli.connection import connect
    from infra.cli.wording import console

    fields = submitting.fields_from(field or [], email=email)
    connection = connect(url=url, token=token)
    out = console()
    end(fine=submitting.submit(out, connection, form=form, fields=fields, wait=wait, at_most_s=timeout, as_json=as_json))


@app.command("import")
def import_contacts(
    *,
    file: Annotated[Path, typer.Argument(help="CSV with a header, or a JSON array of objects; one column is called email.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be imported and write nothing.")] = False,
    form: Annotated[str, typer.Option(help="What this list of contacts is called. Default: the file's name.")] = "",
    follow_up: Annotated[bool, typer.Option("--follow-up", help="They wait for an answer. Otherwise: stay in touch, no hurry.")] = False,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Import contacts from a table; every row that cannot be used is named with what to do. Importing twice doubles nothing.

    The exit code is 1 whenever a row was rejected, also when all others were there already.
    """
    from infra.cli import importing
    from infra.cli.wording import console

    wish = importing.Wish(file, form, dry_run, follow_up)
    end(fine=importing.import_file(console(), opened(url, token), wish, as_json=as_json))


@runs.command("list")
def runs_list(
    *,
    limit: Limit = 20,
    after: After = "",
    canaries: Annotated[bool, typer.Option("--canaries", help="Our own hourly checks instead of real contacts.")] = False,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Show the newest runs and how far they are."""
    from infra.cli import listing

    page = opened(url, token).runs(limit=limit, after=after, canaries=canaries)
    show(page, lambda: listing.page(page, listing.runs_table), as_json=as_json)


@runs.command("show")
def runsshow(run_id: RunId, *, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Show one run: the plan and its reason, every step, and where it failed if it did."""
    from infra.cli import listing

    run = opened(url, token).run(run_id)
    show(run, lambda: listing.run_page(run), as_json=as_json)


@drafts.command("list")
def drafts_list(
    *,
    state: Annotated[str, typer.Option(help="Only those: pending, approved, rejected, …")] = "",
    snoozed: Annotated[bool, typer.Option("--snoozed", help="Those too that were put off until later.")] = False,
    limit: Limit = 20,
    after: After = "",
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Show the newest drafts with the gate's verdict."""
    from infra.cli import listing

    page = opened(url, token).drafts(limit=limit, after=after, state=state, snoozed=snoozed)
    show(page, lambda: listing.page(page, listing.drafts_table), as_json=as_json)


@holds.command("list")
def holds_list(*, limit: Limit = 20, after: After = "", url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Show the newest held times and what became of them."""
    from infra.cli import listing

    page = opened(url, token).holds(limit=limit, after=after)
    show(page, lambda: listing.page(page, listing.holds_table), as_json=as_json)


@drafts.command("show")
def draftsshow(draft_id: DraftId, *, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Show one draft: the mail with the source of every sentence, the verdict, and where it stands in Gmail."""
    from infra.cli import listing

    draft = opened(url, token).draft(draft_id)
    show(draft, lambda: listing.draft_page(draft), as_json=as_json)


@app.command()
def assets(*, limit: Limit = 20, after: After = "", url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Show the Drive documents the agents may read, which of them may be shared, and what stands in the way of the others."""
    from infra.cli import shelf

    api = opened(url, token)
    found = {**api.assets(limit=limit, after=after), "index": api.drive_index()}
    show(found, lambda: shelf.page(found), as_json=as_json)


@app.command()
def trace(run_id: RunId, *, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Show a run's timeline: every step, and every model call with its tokens and cost."""
    from infra.cli import listing

    run = opened(url, token).run(run_id)
    show(run, lambda: listing.trace_page(run), as_json=as_json)


@app.command()
def doctor(*, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Check this machine, the running suite, and that nothing was lost, doubled or left behind. Says how to fix what is wrong."""
    from infra.cli import doctor as examining
    from infra.cli.wording import console

    end(fine=examining.doctor(console(), url=url, token=token, as_json=as_json))


def main(arguments: Sequence[str] | None = None) -> int:
    """One command line, answered with its exit code."""
    from infra.cli.wording import excuse
    from infra.refusals import CannotStart, PortTaken

    try:
        app(args=None if arguments is None else list(arguments), prog_name="sdr")
    except Failure as failure:
        excuse(failure.message, failure.fix)
        return failure.code
    except CannotStart as refusal:
        excuse(str(refusal), refusal.fix)
        return ExitCode.PORT_TAKEN if isinstance(refusal, PortTaken) else ExitCode.FAILED
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else ExitCode.OK
    return ExitCode.OK


def run() -> NoReturn:
    sys.exit(main())


def _chosen(wish: ModelChoice | None) -> ModelChoice:
    try:
        return model_for(wish, os.environ)
    except KeyMissing as error:
        raise Failure(str(error), fix="export it, or choose --model built-in", code=ExitCode.USAGE) from None

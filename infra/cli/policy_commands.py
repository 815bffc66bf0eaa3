"""The commands of the policy, the kill switch, suppressions and quotas; joined to `sdr` by app."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from infra.cli.options import After, AsJson, Limit, Reason, Token, Url, end, opened, show

policy = typer.Typer(no_args_is_help=True, help="Policy: what may leave, to whom, how often and when.")
suppress = typer.Typer(no_args_is_help=True, help="Suppressions: who must not be written to, and why.")

Settings = Annotated[
    list[str] | None, typer.Argument(help="What to change, as name=value: mode=SEND_ALLOWED quotas.mailbox_per_day=5 flags.voice=null")
]
Rules = Annotated[Path | None, typer.Option("--file", help="Instead: a JSON file with the whole rules.", exists=True, dir_okay=False)]
Value = Annotated[str, typer.Argument(help="An address, a mail domain, or with --company a company's id in HubSpot.")]
Company = Annotated[bool, typer.Option("--company", help="It is a company's id.")]
Cause = Annotated[str, typer.Option(help="Why: opt_out, complaint, bounce, manual or import. The first two are for ever.")]
LiftWhy = Annotated[str, typer.Option("--reason", help="Why: mistake, wrong_subject, outdated, agreed or other.")]

ForgetWhy = Annotated[str, typer.Option("--reason", help="Why: asked, ordered, no_ground, expired or other.")]


def join(app: typer.Typer) -> None:
    """Everything of this module becomes part of `sdr`."""
    app.add_typer(policy, name="policy")
    app.add_typer(suppress, name="suppress")
    for name, command in (("kill", kill), ("release", release), ("quota", quota), ("forget", forget)):
        app.command(name)(command)


@policy.command("show")
def policy_show(*, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Show the policy in force, who decided it, when and why."""
    from infra.cli import ruling

    found = opened(url, token).policy()
    show(found, lambda: ruling.policy_page(found), as_json=as_json)


@policy.command("set")
def policy_set(
    settings: Settings = None,
    *,
    reason: Reason,
    file: Rules = None,
    based_on: Annotated[int | None, typer.Option(help="The version you looked at. Default: the one in force.")] = None,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Change the policy. It holds from the next decision on, also for what is queued."""
    from infra.cli import ruling

    api = opened(url, token)
    wanted, before = ruling.proposal(settings or [], file), api.policy()
    version = before["version"] if based_on is None else based_on
    found = api.change_policy(**wanted, based_on=version, reason=reason)
    show(found, lambda: ruling.changed_page(before, found), as_json=as_json)


@policy.command("history")
def policy_history(*, limit: Limit = 20, after: After = "", url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Show every policy that was in force, the newest first."""
    from infra.cli import ruling

    found = opened(url, token).policy_versions(limit=limit, after=after)
    show(found, lambda: ruling.history_page(found), as_json=as_json)


@policy.command("rollback")
def policy_rollback(
    version: Annotated[int, typer.Argument(min=0, help="The version to go back to; 0 is the careful default.")],
    *,
    reason: Reason,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Go back to what an earlier version said, as a new version. The kill switch stays as it is."""
    from infra.cli import ruling

    api = opened(url, token)
    before = api.policy()
    found = api.decide("policy/rollback", version=version, based_on=before["version"], reason=reason)
    show(found, lambda: ruling.changed_page(before, found), as_json=as_json)


@policy.command("preview")
def policy_preview(settings: Settings = None, *, file: Rules = None, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Show what a change would have done with the decisions of the last 30 days. Nothing is changed."""
    from infra.cli import ruling

    found = opened(url, token).decide("policy/preview", **ruling.proposal(settings or [], file))
    show(found, lambda: ruling.preview_page(found), as_json=as_json)


@policy.command("autonomy")
def policy_autonomy(
    *,
    replay: Annotated[bool, typer.Option("--replay", help="Also read the log from its beginning and compare.")] = False,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Show what the rules of auto-approval have earned, and what they still need."""
    from infra.cli import ruling

    found = opened(url, token).autonomy(replay=replay)
    show(found, lambda: ruling.autonomy_page(found), as_json=as_json)
    end(fine=found.get("replay") != "different")


def kill(*, reason: Reason = "", url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Stop everything: nothing leaves any more, not even what is queued."""
    from infra.cli import ruling

    found = opened(url, token).decide("policy/kill", reason=reason)
    show(found, lambda: ruling.switch_page(found), as_json=as_json)


def release(*, reason: Reason = "released from the command line", url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Let things leave again after `sdr kill`, as far as the policy allows it."""
    from infra.cli import ruling

    found = opened(url, token).decide("policy/release", reason=reason)
    show(found, lambda: ruling.switch_page(found), as_json=as_json)


@suppress.command("add")
def suppress_add(
    value: Value,
    *,
    cause: Cause = "manual",
    until: Annotated[datetime | None, typer.Option(help="Until when, in UTC; without it, for ever.")] = None,
    company: Company = False,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Never write to an address, anybody of a mail domain, or anybody of a company."""
    from infra.cli import blocking

    found = opened(url, token).decide(
        "suppressions",
        value=value,
        scope=blocking.scope(company=company),
        cause=cause,
        source="command line",
        expires_at=blocking.utc(until),
    )
    show(found, lambda: blocking.line_page(found), as_json=as_json)


@suppress.command("check")
def suppress_check(value: Value, *, company: Company = False, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Say whether somebody may be written to, and if not, why not. Ends with 1 if they must not."""
    from infra.cli import blocking

    found = opened(url, token).decide("suppressions/check", value=value, scope=blocking.scope(company=company))
    show(found, lambda: blocking.why_page(found), as_json=as_json)
    end(fine=not found["suppressed"])


@suppress.command("lift")
def suppress_lift(
    value: Value, *, reason: LiftWhy, company: Company = False, url: Url = "", token: Token = "", as_json: AsJson = False
) -> None:
    """Take a suppression back. What somebody asked for themselves is never taken back."""
    from infra.cli import blocking

    found = opened(url, token).decide("suppressions/lift", value=value, scope=blocking.scope(company=company), reason=reason)
    show(found, lambda: blocking.lifted_page(found), as_json=as_json)


@suppress.command("import")
def suppress_import(
    file: Annotated[Path, typer.Argument(help="CSV with an email column (cause, scope and expires_at too if you like), JSON, or lines.")],
    *,
    cause: Cause = "import",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be added and write nothing.")] = False,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Suppress a whole list; every row that cannot be used is named with what to do. A wish is never weakened by it."""
    from infra.cli import blocking

    found = opened(url, token).decide("suppressions/import", content=blocking.content(file), name=file.name, cause=cause, dry_run=dry_run)
    show(found, lambda: blocking.report_page(found), as_json=as_json)
    end(fine=not found["rejected"])


@suppress.command("export")
def suppress_export(
    *,
    file: Annotated[Path | None, typer.Option("--file", help="Where to write the CSV. Default: standard output.", dir_okay=False)] = None,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Write out the whole list. Of whom was erased there is the hash and the version of its key, and no address."""
    from infra.cli import blocking

    blocking.export(opened(url, token), file, as_json=as_json)


def quota(
    *,
    contact: Annotated[str | None, typer.Option(help="Also the limits of this contact.")] = None,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Show every limit, how much of it is used, and when it resets."""
    from infra.cli import ruling

    api = opened(url, token)
    found = api.decide("quotas", contact=contact) if contact else api.quotas()
    show(found, lambda: ruling.quota_page(found), as_json=as_json)


def forget(
    address: Annotated[str, typer.Argument(help="Whose: one address.")],
    *,
    reason: ForgetWhy,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Forget a person: drafts, runs, remembered mails and their name go; that they must never be written to stays."""
    from infra.cli import blocking

    if not yes:
        typer.confirm(f"Forget {address}, and never write to them again?", abort=True, err=True)
    found = opened(url, token).decide("forget", address=address, reason=reason)
    show(found, lambda: blocking.forgotten_page(found), as_json=as_json)

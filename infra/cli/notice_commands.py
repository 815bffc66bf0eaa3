"""The commands that say where people are told of what waits for them; joined to `sdr` by app."""

from typing import Annotated

import typer

from infra.cli.options import AsJson, Token, Url, end, opened, show

notices = typer.Typer(no_args_is_help=True, help="Notices: where people hear of what waits for them, in Slack or in their own mailbox.")

Who = Annotated[list[str] | None, typer.Option("--mail", help="An operator's id: told in their own mailbox. Repeat it.")]
Not = Annotated[list[str] | None, typer.Option("--no-mail", help="An operator's id: no longer told there. Repeat it.")]
Own = Annotated[list[str] | None, typer.Option("--own", help="operator=U…: what is theirs goes to them alone in Slack. Repeat it.")]


def join(app: typer.Typer) -> None:
    app.add_typer(notices, name="notices")


@notices.command("show")
def shown(*, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Show where people are told, what waits to be told, and what keeps it from being told."""
    from infra.cli import noticing

    found = opened(url, token).notices()
    show(found, lambda: noticing.page(found), as_json=as_json)


@notices.command("set")
def settle(
    *,
    slack: Annotated[str | None, typer.Option(help="The channel in Slack, by its id (C…); '' for none.")] = None,
    mail: Who = None,
    no_mail: Not = None,
    own: Own = None,
    slack_token: Annotated[bool, typer.Option("--slack-token", help="Ask for the bot token and keep it in Secret Manager.")] = False,
    project: Annotated[str, typer.Option(help="With --slack-token: the Google Cloud project. Default: the suite that runs here.")] = "",
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Choose where people are told. What you do not name stays as it is. `sdr notices try` shows whether it arrives.

    Whoever may write to the project's Secret Manager may give the token; $SLACK_BOT_TOKEN is taken before anybody is asked.
    """
    from infra.cli import noticing

    asked = noticing.asked(slack, mail or [], no_mail or [], own or [])
    api = opened(url, token)
    if slack_token:
        noticing.keep_token(api.notices()["slack_secret"], project=project, url=url)
    found = api.change_notices(**asked) if asked else api.notices()
    show(found, lambda: noticing.page(found), as_json=as_json)


@notices.command("try")
def attempt(*, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Put a trial notice at every place, now, and say what became of each."""
    from infra.cli import noticing

    found = opened(url, token).decide("notices/try")
    show(found, lambda: noticing.tried(found), as_json=as_json)
    end(fine=found["works"])

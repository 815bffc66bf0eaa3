"""The commands that say under which address an operator's mails go out, and which way; joined to `sdr` by app."""

from typing import Annotated

import typer

from infra.cli.options import AsJson, Token, Url, opened, show

mailbox = typer.Typer(no_args_is_help=True, help="Mailbox: under which address an operator's mails go out, and which way.")

Who = Annotated[str, typer.Argument(help="Whose: an operator's id or address. Default: the only one, or the first.")]


def join(app: typer.Typer) -> None:
    app.add_typer(mailbox, name="mailbox")


@mailbox.command("show")
def shown(who: Who = "", *, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Show under which address an operator's mails go out, and which way."""
    from infra.cli import mailing

    api = opened(url, token)
    found = api.mailbox(mailing.chosen(api.mailboxes()["items"], who))
    show(found, lambda: mailing.page(found), as_json=as_json)


@mailbox.command("set")
def settle(
    who: Who = "",
    *,
    send_as: Annotated[str | None, typer.Option(help="An address of Gmail's “Send mail as”; empty: the mailbox's own.")] = None,
    way: Annotated[str | None, typer.Option(help="gmail, smtp (the operator's mail server) or sendgrid (the workspace's account).")] = None,
    host: Annotated[str | None, typer.Option(help="The mail server, for example mail.example.com.")] = None,
    port: Annotated[int | None, typer.Option(help="Its port. Default: 587, or 465 with --implicit-tls.")] = None,
    implicit_tls: Annotated[bool, typer.Option("--implicit-tls", help="TLS from the first byte instead of STARTTLS.")] = False,
    username: Annotated[str, typer.Option(help="What it knows the operator by; without it no password is asked for.")] = "",
    greets_as: Annotated[str, typer.Option(help="How we introduce ourselves to it. Default: as the domain of the address.")] = "",
    password: Annotated[bool, typer.Option("--password", help="Ask for its password and keep it in Secret Manager.")] = False,
    events_key: Annotated[str | None, typer.Option(help="Public key of SendGrid's signed Event Webhook, for the workspace.")] = None,
    sendgrid_key: Annotated[bool, typer.Option("--sendgrid-key", help="Ask for SendGrid's API key and keep it there.")] = False,
    project: Annotated[str, typer.Option(help="Where it is kept: the Google Cloud project. Default: the suite that runs here.")] = "",
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Choose how an operator's mails go out. Administrators only; what you do not name stays as it is.

    $SMTP_PASSWORD and $SENDGRID_API_KEY are taken before anybody is asked.
    """
    from infra.cli import mailing

    server = mailing.server(host, port=port, implicit_tls=implicit_tls, username=username, greets_as=greets_as)
    wish = mailing.Wish(send_as, way, server, events_key)
    told = mailing.credentials(password=password, sendgrid_key=sendgrid_key)
    found = mailing.settled(opened(url, token), who, wish, told)
    mailing.keep_credentials(told, found, project=project, url=url)
    show(found, lambda: mailing.page(found), as_json=as_json)

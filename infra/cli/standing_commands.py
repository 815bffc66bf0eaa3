"""The commands that say how the workspace stands, and what becomes of messages that nobody could process."""

from typing import Annotated

import typer

from infra.cli.options import After, AsJson, Limit, Token, Url, opened, show

LetterId = Annotated[str, typer.Argument(help="A dead letter's id, as `sdr dead-letters list` lists it.")]
letters = typer.Typer(no_args_is_help=True, help="Dead letters: messages that nobody could process, kept until somebody decides.")


def status(*, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Say how the workspace stands: what may leave, what waits for you, whom we hear and who does not answer."""
    from infra.cli import standing

    api = opened(url, token)
    found = {**api.status(), "dependencies": api.dependencies()["items"]}
    show(found, lambda: standing.status_page(found), as_json=as_json)


def mailboxes(*, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """List the mailboxes, and whether we listen to them. One that we do not listen to sends nothing."""
    from infra.cli import standing

    found = opened(url, token).mailboxes()
    show(found, lambda: standing.mailboxes_table(found["items"]), as_json=as_json)


@letters.command("list")
def list_letters(
    *,
    state: Annotated[str, typer.Option(help="Only those that are open, replayed or resolved.")] = "",
    limit: Limit = 20,
    after: After = "",
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """List dead letters, newest first."""
    from infra.cli import listing, standing

    found = opened(url, token).dead_letters(limit=limit, after=after, state=state)
    show(found, lambda: listing.page(found, standing.letters_table), as_json=as_json)


@letters.command("show")
def show_letter(letter: LetterId, *, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Show a dead letter with what it said."""
    from infra.cli import standing

    found = opened(url, token).dead_letter(letter)
    show(found, lambda: standing.letter_page(found), as_json=as_json)


@letters.command()
def replay(letter: LetterId, *, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Hand a message once more to whoever could not process it. It arrives within two minutes."""
    from infra.cli import standing

    found = opened(url, token).on_dead_letter(letter, "replay")
    show(found, lambda: standing.letter_page(found), as_json=as_json)


@letters.command()
def resolve(
    letter: LetterId,
    *,
    note: Annotated[str, typer.Option(help="What became of it, in your own words.")] = "",
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Put a dead letter away: nothing is done about it any more."""
    from infra.cli import standing

    found = opened(url, token).on_dead_letter(letter, "resolve", note=note)
    show(found, lambda: standing.letter_page(found), as_json=as_json)


def join(app: typer.Typer) -> None:
    for command in (status, mailboxes):
        app.command()(command)
    app.add_typer(letters, name="dead-letters")

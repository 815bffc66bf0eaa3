"""The commands that begin a workspace and connect its accounts; joined to `sdr` by app."""

from typing import Annotated

import typer

from infra.cli.options import AsJson, Token, Url, end, opened, show

workspace = typer.Typer(no_args_is_help=True, help="Workspaces: one company's operators, portal and accounts.")

Who = Annotated[str, typer.Argument(help="Whose: an operator's id or address. Default: the only one, or the first.")]
Open = Annotated[bool, typer.Option("--open/--no-open", help="Open the page in this machine's browser.")]
Again = Annotated[bool, typer.Option("--again", help="Connect it anew although it is connected.")]
Timeout = Annotated[float, typer.Option(min=1, help="How many seconds to wait for somebody to agree.")]

Delegated = Annotated[
    bool,
    typer.Option("--delegated", help="Without a browser, for a Workspace whose administrator has let us in. No name: everybody."),
]
ACCOUNTS = {
    "connect-mailbox": (
        (),
        "Connect an operator's Gmail, with calendar and Drive unless they untick them: agree in the browser, then see what works.",
    ),
    "connect-calendar": (
        ("See and hold times",),
        "Connect an operator's calendar. It comes with the mailbox: this connects both if the calendar is missing.",
    ),
    "connect-drive": (
        ("Read documents",),
        "Connect Drive, which is read as the first operator. It comes with the mailbox: this connects both if Drive is missing.",
    ),
}


def join(app: typer.Typer) -> None:
    """Everything of this module becomes part of `sdr`."""
    app.add_typer(workspace, name="workspace")
    app.command("connect-hubspot")(connect_hubspot)
    for name, (parts, help) in ACCOUNTS.items():
        _account(app, name, parts, help)


@workspace.command("create")
def create(
    id: Annotated[str, typer.Argument(help="What it is called in addresses: lower case letters, digits and hyphens.")],
    *,
    name: Annotated[str, typer.Option(help="The company, as its operators call it in mails.")],
    portal: Annotated[str, typer.Option(help="The number of its HubSpot portal: the first one in HubSpot's addresses.")],
    operator: Annotated[list[str], typer.Option(help="'Name <address>' of a mailbox; repeat it. The first one looks after the workspace.")],
    timezone: Annotated[str, typer.Option(help="Where they work, for example Europe/Oslo.")] = "UTC",
    country: Annotated[str, typer.Option(help="For public holidays, for example NO.")] = "",
    drive_folder: Annotated[list[str] | None, typer.Option(help="Id of a Drive folder whose documents may be read; repeat it.")] = None,
    share: Annotated[
        list[str] | None, typer.Option(help="Beginning of a folder's name below it whose files may be sent; repeat it.")
    ] = None,
    link_domain: Annotated[list[str] | None, typer.Option(help="A domain drafts may link to; repeat it.")] = None,
    legal_name: Annotated[str, typer.Option(help="The company, as the law knows it. Default: as its operators call it.")] = "",
    postal_address: Annotated[str, typer.Option(help="On one line; stands below mails nobody asked for, which do not leave without.")] = "",
    project: Annotated[str, typer.Option(help="The Google Cloud project it lives in. Default: the suite that runs here.")] = "",
    url: Url = "",
    as_json: AsJson = False,
) -> None:
    """Create a workspace: its operators, its keys, and empty places for the accounts it will be connected to.

    Whoever may write to the project's Firestore and Secret Manager may do it. Doing it again completes what was cut off.
    """
    from infra.cli import founding

    wish = founding.Wish(
        id, name, portal, operator, timezone, country, drive_folder or [], share or [], link_domain or [], legal_name, postal_address
    )
    founding.create(wish, project=project, url=url, as_json=as_json)


@workspace.command("show")
def show_workspace(*, url: Url = "", token: Token = "", as_json: AsJson = False) -> None:
    """Show who the workspace is, from where it writes, and whether mails nobody asked for can leave."""
    from infra.cli import imprint

    found = opened(url, token).workspace()
    show(found, lambda: imprint.page(found), as_json=as_json)


@workspace.command("set")
def set_workspace(
    *,
    legal_name: Annotated[str | None, typer.Option(help="The company, as the law knows it; empty: as its operators call it.")] = None,
    postal_address: Annotated[str | None, typer.Option(help="On one line; stands below mails nobody asked for.")] = None,
    url: Url = "",
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Say who writes and from where. Administrators only; a draft gets it when it is next edited or written anew."""
    from infra.cli import imprint

    found = opened(url, token).change_workspace(legal_name=legal_name, postal_address=postal_address)
    show(found, lambda: imprint.page(found), as_json=as_json)


def connect_hubspot(
    *, browse: Open = True, again: Again = False, timeout: Timeout = 600, url: Url = "", token: Token = "", as_json: AsJson = False
) -> None:
    """Connect the workspace's HubSpot portal: agree in the browser, then see what works."""
    from infra.cli import linking

    wish = linking.Wish("hubspot", (), "", browse, again, timeout)
    end(fine=linking.connect(opened(url, token), wish, as_json=as_json))


def _account(app: typer.Typer, name: str, parts: tuple[str, ...], help: str) -> None:
    """One shape for whatever comes with an operator's Google account: `parts` are the checks that must be there and work."""

    @app.command(name, help=help)
    def account(
        who: Who = "",
        *,
        browse: Open = True,
        again: Again = False,
        delegated: Delegated = False,
        timeout: Timeout = 600,
        url: Url = "",
        token: Token = "",
        as_json: AsJson = False,
    ) -> None:
        from infra.cli import delegating, linking

        api = opened(url, token)
        if delegated:
            end(fine=delegating.delegate(api, who, as_json=as_json))
        else:
            end(fine=linking.connect(api, linking.Wish("google", parts, who, browse, again, timeout), as_json=as_json))

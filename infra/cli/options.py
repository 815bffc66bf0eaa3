"""What every command takes, and how it ends: used by the modules of commands."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.failures import ExitCode

if TYPE_CHECKING:
    from rich.console import RenderableType

    from infra.cli.client import Api, Found

AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON, for scripts.")]
Url = Annotated[str, typer.Option(envvar="SDR_URL", help="Where the functions answer; the suite started last, if not given.")]
Token = Annotated[str, typer.Option(envvar="SDR_TOKEN", help="The workspace's API token; the running suite's own, if not given.")]
Limit = Annotated[int, typer.Option(min=1, max=100, help="How many, newest first.")]
After = Annotated[str, typer.Option(help="Only what is older than the one with this id.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for whoever reads the log later.")]
RunId = Annotated[str, typer.Argument(help="A run's id, or the handle a webhook was answered with.")]
DraftId = Annotated[str, typer.Argument(help="A draft's id.")]


def opened(url: str, token: str) -> "Api":
    from infra.cli.client import Api
    from infra.cli.connection import connect

    return Api(connect(url=url, token=token))


def show(found: "Found", page: "Callable[[], RenderableType]", *, as_json: bool) -> None:
    from infra.cli.wording import console, say, to_json

    to_json(found) if as_json else say(console(), page(), wide=True)


def end(*, fine: bool) -> None:
    if not fine:
        raise typer.Exit(ExitCode.FAILED)

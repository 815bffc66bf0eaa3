"""A credential on its way into Secret Manager, with the rights of whoever sits there: no function may write it. For commands."""

import os

import typer

from infra.cli.connection import connect
from infra.cli.failures import Failure
from infra.cli.founding import settings_of
from shared.ports.errors import SalesAgentError
from shared.wiring import Ports


def asked_for(what: str, variable: str) -> str:
    """From the environment, else typed without being shown."""
    return (os.environ.get(variable) or typer.prompt(what, hide_input=True)).strip()


def keep(secret: str, value: str, *, project: str, url: str) -> None:
    """As its newest version; the ones before end. Failure saying what to do."""
    settings = settings_of(None if project else connect(url=url), project)
    ports = Ports()
    ports.interpose(lambda name, adapter: settings if name == "settings" else adapter)
    try:
        ports.safe.create(name=secret)
        version = ports.safe.add(name=secret, value=value)
        ports.safe.retire(name=secret, below=version)
    except SalesAgentError as error:
        raise Failure(error.detail, fix="repeat the same command when it answers again") from None

"""`sdr doctor`: the machine, the running suite and its invariants, each in a line with the fix."""

import os
import socket
from collections.abc import Iterator

import httpx
from rich.console import Console

from infra.cli.client import Api
from infra.cli.connection import Connection, connect
from infra.cli.failures import ExitCode, Failure
from infra.cli.findings import Finding, broken, doubtful, fine, healthy, report
from infra.cli.machine import machine_findings
from infra.cli.vendors import CalendarView, GmailView
from infra.cli.wording import say, to_json

TIMEOUT_S = 5.0


def doctor(out: Console, *, url: str, token: str, as_json: bool) -> bool:
    """False when something is broken."""
    findings = [*machine_findings(os.environ), *_suite_findings(url, token)]
    if as_json:
        to_json({"ok": healthy(findings), "checks": [one.to_json() for one in findings]})
    else:
        say(out, report(findings), wide=True)
    return healthy(findings)


def _suite_findings(url: str, token: str) -> Iterator[Finding]:
    try:
        connection = connect(url=url, token=token)
    except Failure as failure:
        if failure.code is not ExitCode.NOT_RUNNING:
            raise
        yield doubtful("suite", failure.message, "nothing more to check; `sdr up` starts one")
        return
    reachable = [functions_answer(connection), *(emulator_answers(name, at) for name, at in connection.emulators.items())]
    yield from reachable
    if connection.token:
        opened = api_answers(connection)
        yield opened
        yield from _connections(connection) if healthy([opened]) else ()
    if healthy(reachable) and connection.workspace_id:
        yield from _invariants(connection)


def functions_answer(connection: Connection) -> Finding:
    """Any path below the front is answered with the list of functions."""
    try:
        answer = httpx.get(connection.functions, timeout=TIMEOUT_S, trust_env=False)
    except httpx.TransportError as error:
        fix = f"start the suite again; its log is {connection.log}" if connection.log else "start it, or check --url"
        return broken("functions", f"{connection.functions}: {type(error).__name__}", fix)
    served = [line for line in answer.text.splitlines() if line.startswith("/")]
    return fine("functions", f"{connection.functions} serves {len(served)}: {', '.join(sorted(served))}")


def emulator_answers(name: str, address: str) -> Finding:
    host, _, port = address.removeprefix("http://").partition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=TIMEOUT_S):
            return fine(name, address)
    except OSError as error:
        return broken(name, f"{address}: {error.strerror or error}", "start the suite again")


def api_answers(connection: Connection) -> Finding:
    try:
        Api(connection).runs(limit=1)
    except Failure as failure:
        return broken("API", failure.message, failure.fix)
    return fine("API", f"{connection.api} opens with the token")


def _connections(connection: Connection) -> Iterator[Finding]:
    from infra.cli import imprint, noticing
    from infra.cli.linking import delegated_findings, findings

    api = Api(connection)
    try:
        found = api.connections()
        yield from findings(found)
        yield from delegated_findings(found, api)
        yield from noticing.findings(api.notices(), found)
        yield from imprint.findings(api.workspace())
    except Failure as failure:
        yield broken("connections", failure.message, failure.fix)


def _invariants(connection: Connection) -> Iterator[Finding]:
    """The store is asked directly: an API that is wrong must not hide it."""
    from infra.cli import invariants, sending_invariants
    from shared.domain.ids import WorkspaceId
    from shared.gcp.firestore import FirestoreStore
    from shared.runtime.clock import RandomIds, clock_for
    from shared.runtime.settings import Settings

    google = connection.emulators["google"]
    os.environ["FIRESTORE_EMULATOR_HOST"] = google  # the client has no other way to be told
    settings = Settings(firestore_emulator_host=google, clock_file=connection.clock_file)
    clock = clock_for(settings)
    store, workspace_id = FirestoreStore(settings=settings, clock=clock, ids=RandomIds()), WorkspaceId(connection.workspace_id)
    yield invariants.outbox_is_young(store, now=clock.now())
    yield invariants.log_is_sealed(store, workspace_id, now=clock.now())
    yield invariants.runs_move_on(store, workspace_id, now=clock.now())
    yield invariants.nothing_is_paused(store, workspace_id)
    yield sending_invariants.mailboxes_are_heard(store, workspace_id, now=clock.now())
    yield sending_invariants.approved_mails_are_accounted_for(store, workspace_id, now=clock.now())
    yield sending_invariants.carriers_tell(store, workspace_id, now=clock.now())
    try:
        drafts, holds = GmailView(connection).drafts(), CalendarView(connection).holds()
    except Failure as failure:
        yield broken("mailbox", failure.message, failure.fix)
    else:
        yield invariants.drafts_stand(store, workspace_id, drafts)
        yield invariants.times_are_held(store, workspace_id, holds, now=clock.now())
    yield invariants.nothing_was_given_up(store, workspace_id)
    yield invariants.forms_are_polled(store, workspace_id, now=clock.now())
    yield invariants.canary_sings(store, store.workspace(workspace_id=workspace_id), now=clock.now())

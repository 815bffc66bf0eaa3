"""The suite holds every function to its manifest: what is not granted fails by name, and what is granted is needed."""

import json
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.enforcement import HeldToManifest
from infra.front import OnFirstUse
from infra.fronts import ProcessFront, ThreadFront
from infra.manifests import load_all
from infra.provision import DEAD_LETTERS
from infra.suite import DELEGATE_CLIENT_ID, Suite
from shared.connectors.google_oauth.scopes import SCOPES
from shared.domain.chores import CHORES
from shared.domain.draft import DraftState
from shared.domain.ids import DraftId
from shared.domain.links import Link, LinkKind
from shared.domain.outbox import Channel, Outgoing, Queue, Topic, address_of
from shared.domain.run import RunState
from shared.ports.store import Create
from shared.stages.library.shelving import FILES_AT_ONCE
from shared.wiring import ports
from tests.pipeline.connecting import WAYS, Connecting
from tests.pipeline.office import Office
from tests.pipeline.world import CONTACT, MONDAY, World

MANIFESTS = load_all()
NARROWED = {
    "a topic": ("plan", {"publishes": ()}, "lead.planned", "publishes: [lead.planned]"),
    "a queue": ("place_draft", {"enqueues": ()}, "crm", "enqueues: [crm]"),
    "a secret": ("form_webhook", {"secrets": ()}, "hubspot-client-secret", "secrets: [hubspot-client-secret]"),
    "another workspace's kind of secret": (
        "log_to_crm",
        {"secrets": ("google-refresh-token-*",)},
        "hubspot-token-tidewater",
        "secrets: [google-refresh-token-*, hubspot-token-tidewater]",
    ),
    "an adapter": ("gate", {"uses": ("outbox", "identity-token")}, "quality_gate", "uses: [outbox, identity-token, quality_gate]"),
    "writing": (
        "draft",
        {"roles": ("datastore.viewer", "pubsub.publisher")},
        "datastore.user",
        "roles: [datastore.viewer, pubsub.publisher,",
    ),
}
WHEN_THINGS_GO_WRONG = "uses: failures"
"""Asked for when work fails for good."""
DEPLOYED = "uses: iap_assertions"
"""Who vouches for visitors of a deployment; the suite has its own sign-in."""
RECONNECTED = ("resume_runs: publishes", "resume_runs: enqueues")
"""What an account that was connected again sets going: test_reconnecting needs them all."""
OTHER_WAYS = ("sendgrid_events: ", "send: secrets: smtp-password-*", "send: secrets: sendgrid-key-*")
"""What mail needs that leaves by a mail server or a carrier: test_other_ways lets some."""
BY_A_RULE = ("consider: enqueues", "consider: secrets")
"""What an approval by a rule needs, which takes months to earn: test_auto_approval has the months."""
WITH_THE_DESK = "write_draft: secrets: suppression-keys-*"
"""What the desk may need, and writing to Gmail does not."""
LOOKED_AT = ("api: secrets: google-client-secret", "api: secrets: hubspot-client-secret")
"""The API looks at connections with what the console connects; only connecting needs these."""
MOUNTED = "secrets: openai-api-key"
"""A variable of the environment when the function starts; nobody fetches it."""


@contextmanager
def narrowed(front: ThreadFront, name: str, **changes: tuple[str, ...]) -> Iterator[None]:
    address = address_of(name)
    before = front.app.mounts[address]
    front.app.mounts[address] = HeldToManifest(OnFirstUse(name), replace(MANIFESTS[name], **changes), front.ledger)
    yield
    front.app.mounts[address] = before


@pytest.mark.parametrize(("name", "changes", "thing", "line"), NARROWED.values(), ids=NARROWED)
def test_a_function_that_touches_more_than_its_manifest_fails_by_name(
    world: World,
    front: ThreadFront,
    capsys: pytest.CaptureFixture[str],
    name: str,
    changes: dict[str, tuple[str, ...]],
    thing: str,
    line: str,
) -> None:
    with narrowed(front, name, **changes):
        world.submit()
        world.settle()
    violation = front.ledger.violations.pop()
    front.ledger.violations.clear()
    assert str(violation).startswith(f"{name} touched {thing}, ")
    assert f"functions/{name}/function.yaml says {line}" in str(violation)
    told = [entry for entry in map(json.loads, capsys.readouterr().out.splitlines()) if entry["message"] == "outside the manifest"]
    assert told[0]["function"] == name
    assert thing in told[0]["detail"]


def test_work_goes_on_once_the_manifest_grants_what_it_needs(world: World, front: ThreadFront) -> None:
    with narrowed(front, "draft", publishes=()):
        world.submit()
        world.settle()
        assert world.only_run.state is RunState.DRAFTED
    front.ledger.violations.clear()
    world.run_to_the_end()
    assert world.only_run.state is RunState.DONE


def test_functions_in_a_process_of_their_own_are_held_as_well(tmp_path: Path) -> None:
    log = tmp_path / "functions.log"
    with Suite(front=ProcessFront(log_path=log, module="tests.pipeline.narrow_front"), frozen_at=MONDAY) as suite:
        world = World(suite)
        world.rewind()
        world.submit()
        world.settle()
        assert world.only_run.state is RunState.DRAFTED
    assert "draft touched draft.written, which its manifest does not grant" in log.read_text()


@contextmanager
def always_cold(front: ThreadFront) -> Iterator[None]:
    """Every call is the first one of an instance, alone on its machine: nobody lives on what another function has fetched."""
    before, alone = dict(front.app.mounts), threading.Lock()
    for address, app in before.items():
        called_by_another = address == address_of("form_webhook")  # the canary's own call waits for it
        front.app.mounts[address] = _first_call(app, nullcontext() if called_by_another else alone)
    try:
        yield
    finally:
        front.app.mounts.update(before)


def _first_call(app: Any, alone: AbstractContextManager[Any]) -> Any:
    def serve(environ: dict[str, Any], start_response: Any) -> Any:
        with alone:
            ports.interpose(lambda _, adapter: adapter)
            return app(environ, start_response)

    return serve


UNASKED = "lea@nordwind-textil.example"
"""In a table, and gets a footer."""
LATER = "tom@harbour-hotels.example"
"""Writes when the others have been decided about, so that other times are free."""


@pytest.mark.nightly
def test_everything_a_manifest_grants_is_needed_by_somebody(world: World, front: ThreadFront) -> None:
    """A grant that no journey here needs is one too many, or one journey is missing."""
    front.ledger.touched.clear()
    with always_cold(front):
        _everything_happens(world)
    _connect_by_forms(world)
    _decide_by_forms(world)  # warm: who has signed in is known to one process
    _visit_as_recipients_do(world)
    world.run_to_the_end()
    assert {name for name, _, _ in front.ledger.touched} == set(MANIFESTS) - {"sendgrid_events"}
    unused = [
        one
        for one in front.ledger.unused(MANIFESTS.values())
        if not one.endswith((WHEN_THINGS_GO_WRONG, DEPLOYED, WITH_THE_DESK, MOUNTED, *LOOKED_AT))
        and not one.startswith((*RECONNECTED, *OTHER_WAYS, *BY_A_RULE))
    ]
    assert not unused, "\n".join(unused)


def _everything_happens(world: World) -> None:
    world.let_come(*(chore.queue for chore in CHORES))
    _wish_to_be_told(world)
    _add_more_documents_than_are_read_at_once(world)
    world.earn_a_refusal("refused@halden-foods.example")
    world.submit()
    world.submit("refused@halden-foods.example", firstname="Lea")
    world.submit("colleague@tidewater.example")
    world.submit("ida.vang@halden-foods.example", form=CONTACT, firstname="Ida")  # no webhook tells of it
    world.publish(DEAD_LETTERS, b"what somebody gave up")
    _call_the_api(world)
    world.run_to_the_end()
    _decide(world)
    world.submit(LATER, firstname="Tom")
    world.run_to_the_end()
    _leave_in_the_outbox(world)
    world.advance(minutes=10)


def _add_more_documents_than_are_read_at_once(world: World) -> None:
    for number in range(FILES_AT_ONCE + 1):
        world.suite.drive.file(
            f"Story {number}", owner=world.seeded.operator.email, parent="folder-cases", file_id=f"story-{number}", text="Less waste."
        )


def _wish_to_be_told(world: World) -> None:
    office = Office(world)
    wish = {"slack_channel": "C0SALES001", "operators": {"mara": {"by_mail": True}}}
    assert office.asked("PATCH", "notices", wish).status_code == 200
    assert office.asked("POST", "notices/try").status_code == 200


def _visit_as_recipients_do(world: World) -> None:
    """They see a mail, and then ask for no more."""
    draft = world.drafts[0]
    about = {"workspace_id": world.workspace_id, "draft_id": DraftId(draft.id), "recipient": draft.recipient}
    seen, stop = (ports.links.address_of(link=Link(kind=kind, **about)) for kind in (LinkKind.OPEN, LinkKind.OPT_OUT))
    ports.interpose(lambda _, adapter: adapter)
    assert httpx.get(seen).status_code == 200
    assert httpx.get(stop).status_code == 200
    assert httpx.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200


def _call_the_api(world: World) -> None:
    base, headers = world.suite.urls["functions"], {"Authorization": f"Bearer {world.seeded.api_token}"}
    assert httpx.get(f"{base}/api/runs", headers=headers).status_code == 200
    table = f"email,country,lawful_basis\n{UNASKED},United States,consent\n"
    assert httpx.post(f"{base}/imports", content=table, params={"form": "Trade show"}, headers=headers).status_code == 202


def _decide(world: World) -> None:
    """Every kind of decision, each way in."""
    office = Office(world)
    office.allow_sending(LATER, *(one.recipient for one in world.drafts))
    first, second, *_ = [one for one in world.drafts if one.state is DraftState.PENDING and one.recipient != UNASKED]
    assert office.asked("POST", "suppressions", {"value": "nobody@halden-foods.example", "cause": "manual"}).status_code < 300
    assert office.asked("GET", "audit/verify").status_code == 200
    assert office.asked("GET", "policy").status_code == 200
    assert office.asked("POST", "dead-letters/nobodys/replay").status_code == 404
    [unasked] = [one for one in world.drafts if one.recipient == UNASKED]
    edits = (office.edit(first, "Mara Lindqvist", "Mara"), office.edit(unasked, "Mara Lindqvist", "Mara"))
    for decided in (*edits, office.ask_anew(second), office.ask_anew(unasked)):
        assert decided.status_code < 300, decided.text
    world.settle()
    assert office.approve(first).status_code == 200
    assert office.asked("POST", "policy/kill", {"reason": "a trial"}).status_code == 200
    world.advance(minutes=10)
    assert office.asked("POST", "policy/release", {"reason": "it was one"}).status_code == 200


def _decide_by_forms(world: World) -> None:
    office = Office(world)
    ports.interpose(lambda _, adapter: adapter)
    [draft] = [one for one in world.drafts if one.recipient == UNASKED]
    approved = next(one for one in world.drafts if one.state is DraftState.PENDING and one != draft)
    page = office.asked("GET", f"drafts/{draft.id}").json()
    edited = {"subject": page["text"]["subject"], "body": page["body"].replace("Mara Lindqvist", "Mara"), "revision": page["revision"]}
    forms = (
        (f"/drafts/{approved.id}/approve", {"fingerprint": office.asked("GET", f"drafts/{approved.id}").json()["fingerprint"]}),
        (f"/drafts/{draft.id}/edit", edited),
        ("/kill-switch", {"reason": "a trial"}),
        ("/kill-switch/release", {"reason": "a trial"}),
        (f"/drafts/{draft.id}/regenerate", {"instruction": ""}),
    )
    with office.signed_in() as console:
        for address, form in forms:
            answer = console.post(address, data=form)
            assert answer.status_code == 200, answer.text
        assert console.get("/queue").status_code == 200


def _connect_by_forms(world: World) -> None:
    ports.interpose(lambda _, adapter: adapter)
    here, office = Connecting(world), Office(world)
    for id in WAYS:
        assert here.connect(id).status_code == 303
        assert here.press(id, "check").status_code == 303
        assert office.asked("POST", f"connections/{id}/check").status_code == 200
    world.suite.oauth2.delegate("tidewater.example", client_id=DELEGATE_CLIENT_ID, scopes=SCOPES.values())
    assert office.asked("POST", "connections/google-mara/delegate").json()["works"]


def _leave_in_the_outbox(world: World) -> None:
    """One entry for every destination, as a function leaves them that died before publishing."""
    channels = {Channel.EVENT: Topic, Channel.TASK: Queue}
    for channel, destinations in channels.items():
        for destination in destinations:
            entry = Outgoing(
                id=f"left-{destination}".replace(".", "-"),
                workspace_id=world.workspace_id,
                channel=channel,
                destination=destination,
                payload={"workspace_id": world.workspace_id, "id": world.runs[0].id},
                trace_id="0" * 31 + "1",
                created_at=world.suite.clock.now(),
            )
            world.store.commit(Create(entry))

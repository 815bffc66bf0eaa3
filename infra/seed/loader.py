"""Fills a running suite from workspace.yaml and world.yaml. Used by the command line, tests and benchmarks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from emulators.hubspot.routes import DEVELOPER_KEY
from infra.seed.forms import submit_form
from infra.suite import GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET, Suite
from shared.domain.audit import Actor, ActorKind
from shared.domain.connections import Connection, targets_of
from shared.domain.ids import derived_id
from shared.domain.links import link_secret_of
from shared.domain.places import slack_secret_of
from shared.domain.roles import Role
from shared.domain.tokens import token_digest
from shared.domain.voice import VoiceProfile
from shared.domain.work import Work
from shared.domain.workspace import ApiTokenRoute, HookRoute, MailboxRoute, Operator, PortalRoute, SignInRoute, Workspace, sign_in_id
from shared.gcp.firestore import FirestoreStore
from shared.ports.errors import Conflict
from shared.ports.store import Put
from shared.runtime.clock import RandomIds, SystemClock
from shared.stages.audit.keys import audit_secret_of
from shared.stages.connecting.linking import PARTS
from shared.stages.library.index_drive import index_drive
from shared.stages.policy.suppressions import secret_of
from shared.wiring import Ports

__all__ = ["API_TOKEN", "HOOK_TOKEN", "Seeded", "seed", "submit_form"]

HERE = Path(__file__).parent
HOOK_TOKEN = "local-hook-token-0000000000000000"
API_TOKEN = "local-api-token-00000000000000000"
OAUTH_CLIENT = {"client_id": GOOGLE_CLIENT_ID, "client_secret": GOOGLE_CLIENT_SECRET}
ONLOOKER = {"client_id": "onlooker.apps.example", "client_secret": "onlooker-secret", "refresh_token": "refresh-onlooker"}
"""What the command line looks into the mailbox with where nobody has agreed yet: a client of its own, so that it agrees for nobody."""
SCOPES = (
    "https://www.googleapis.com/auth/gmail.modify",
    "https://www.googleapis.com/auth/gmail.settings.basic",
    "https://www.googleapis.com/auth/calendar",
    "https://www.googleapis.com/auth/drive.readonly",
)


@dataclass(frozen=True)
class Seeded:
    """What a user of the seeded suite needs to know."""

    workspace: Workspace
    submissions: tuple[Mapping[str, Any], ...]
    api_token: str = API_TOKEN

    @property
    def operator(self) -> Operator:
        return self.workspace.operators[0]


def seed(suite: Suite) -> Seeded:
    """Everything at once. A suite that came back with its state keeps what it has."""
    ours, world = _read("workspace.yaml"), _read("world.yaml")
    workspace = Workspace.model_validate({**ours["workspace"], "crm": {**ours["workspace"]["crm"], "since": suite.clock.now()}})
    store = FirestoreStore(settings=suite.settings, clock=SystemClock(), ids=RandomIds())
    fresh = _connect(workspace, store)
    if fresh:
        store.save_workspace(workspace=workspace)
        store.commit(Put(VoiceProfile(workspace_id=workspace.id, **ours["voice"])))
        suite.hubspot.seed(ours["portal"])
        operator = workspace.operators[0]
        suite.oauth2.register(operator.email, f"refresh-{operator.id}", SCOPES, **OAUTH_CLIENT)
        _fill_google(suite, operator, world)
        store.commit(*(Put(one) for one in _connections(workspace, suite.clock.now())))
    suite.slack.seed(world["slack"])
    _secrets(suite, workspace)
    _hooks(suite)
    if fresh:
        _index(suite, workspace)
    return Seeded(workspace, tuple(world["submissions"]))


def seed_vendors(suite: Suite) -> str:
    """The vendors' side alone, as a company has it before it knows us: nobody has agreed to anything, and there is no workspace.

    Answers whose mailbox there is.
    """
    ours, world = _read("workspace.yaml"), _read("world.yaml")
    operator = Workspace.model_validate(ours["workspace"]).operators[0]
    suite.provisioner.store_secrets(_of_the_installation(suite))
    if operator.email not in suite.gmail.mailboxes:
        suite.hubspot.seed(ours["portal"])
        suite.oauth2.account(operator.email, name=operator.name)
        suite.slack.seed(world["slack"])
        _fill_google(suite, operator, world)
    suite.oauth2.register(operator.email, ONLOOKER["refresh_token"], SCOPES, **{k: v for k, v in ONLOOKER.items() if k != "refresh_token"})
    return operator.email


def _connect(workspace: Workspace, store: FirestoreStore) -> bool:
    """The routes from outside; False when they are there already."""
    routes = [
        PortalRoute(id=workspace.crm.portal_id, workspace_id=workspace.id),
        HookRoute(id=token_digest(HOOK_TOKEN), workspace_id=workspace.id),
        ApiTokenRoute(id=token_digest(API_TOKEN), workspace_id=workspace.id, label="local", role=Role.ADMIN),
        *(MailboxRoute(id=one.email, workspace_id=workspace.id) for one in workspace.operators),
        *(
            SignInRoute(id=sign_in_id(one.email), workspace_id=workspace.id, operator_id=one.id, role=Role.ADMIN)
            for one in workspace.operators
        ),
    ]
    try:
        for route in routes:
            store.add_route(route=route)
    except Conflict:
        return False
    return True


def _fill_google(suite: Suite, operator: Operator, world: Mapping[str, Any]) -> None:
    now = suite.clock.now()
    suite.gmail.mailbox(operator.email, name=operator.name, signature=operator.signature)
    for message in world["mailbox"]:
        suite.gmail.deliver(operator.email, _without_date(message), at=_moment(now, message))
    suite.drive.account(operator.email)
    for folder in world["drive"]["folders"]:
        open_to = folder.get("permissions", ())
        suite.drive.folder(folder["name"], owner=operator.email, parent=folder["parent"], file_id=folder["id"], permissions=open_to)
    for file in world["drive"]["files"]:
        at = now - timedelta(days=file["days_ago"])
        suite.drive.file(file["name"], owner=operator.email, parent=file["folder"], file_id=file["id"], text=file["text"], modified_at=at)
    suite.calendar.account(operator.email, time_zone=operator.hours.timezone)
    for event in world["calendar"]:
        day = (now + timedelta(days=event["days_ahead"])).date().isoformat()
        suite.calendar.event(operator.email, summary=event["summary"], start=f"{day}T{event['start']}:00Z", end=f"{day}T{event['end']}:00Z")


def _connections(workspace: Workspace, now: datetime) -> list[Connection]:
    """As if the default operator had connected everything."""
    who = Actor(kind=ActorKind.PERSON, id=workspace.default_operator)
    told = {"workspace_id": workspace.id, "secret_version": 1, "connected_by": who, "connected_at": now, "checked_at": now}
    return [Connection(id=one.id, account=one.account, parts=PARTS[one.service], **told) for one in targets_of(workspace)]


def _index(suite: Suite, workspace: Workspace) -> None:
    """The first chore, before anybody asks: whoever fills in a form at once is answered from documents all the same."""
    ports = Ports()
    ports.interpose(lambda name, adapter: suite.settings if name == "settings" else adapter)
    first = Work(workspace_id=workspace.id, id="seeded")
    index_drive(first, store=ports.store, outbox=ports.outbox, clock=ports.clock, files=ports.files, embedder=ports.embedder)


def _secrets(suite: Suite, workspace: Workspace) -> None:
    values = {
        **_of_the_installation(suite),
        workspace.crm.token_secret: suite.hubspot.token,
        audit_secret_of(workspace.id): "1:" + derived_id("local audit key", workspace.id),
        slack_secret_of(workspace.id): suite.slack.token,
        secret_of(workspace.id): "1:" + derived_id("local suppression key", workspace.id),
        link_secret_of(workspace.id): "1:" + derived_id("local link key", workspace.id),
    }
    for operator in workspace.operators:
        authorized = {"type": "authorized_user", **OAUTH_CLIENT, "refresh_token": f"refresh-{operator.id}"}
        values[operator.refresh_token_secret] = json.dumps(authorized)
    suite.provisioner.store_secrets(values)


def _of_the_installation(suite: Suite) -> dict[str, str]:
    """Who we are at the vendors, whatever workspaces there are."""
    return {
        "hubspot-client-secret": suite.hubspot.client_secret,
        "hubspot-developer-key": DEVELOPER_KEY,
        "google-client-secret": GOOGLE_CLIENT_SECRET,
    }


def _hooks(suite: Suite) -> None:
    """One hook of each shape, each signed in its own way, as a portal accumulates them over the years."""
    address = suite.urls["functions"] + "/form-webhook"
    demo_keys = {"email": "email", "objectId": "hs_object_id", "formId": "=5f0c2b8e-demo"}
    suite.hubspot.add_hooks(
        [
            {
                "id": "workflow",
                "url": f"{address}/{HOOK_TOKEN}",
                "shape": "workflow",
                "signature": "v3",
                "forms": ["5f0c2b8e-demo"],
                "keys": demo_keys,
            },
            {"id": "legacy", "url": address, "shape": "workflow-legacy", "signature": "v2", "forms": ["5f0c2b8e-guide"]},
            {"id": "subscription", "url": address, "shape": "subscription", "signature": "v1", "events": ["contact.creation"]},
        ]
    )


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return content


def _moment(now: datetime, entry: Mapping[str, Any]) -> datetime:
    return datetime.combine((now - timedelta(days=entry["days_ago"])).date(), time.fromisoformat(entry["time"]), now.tzinfo)


def _without_date(message: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name not in ("days_ago", "time")}

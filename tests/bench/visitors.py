"""Requests that no submission makes on its way: of an operator, of a recipient, of whoever runs it, and of SendGrid. Used by recording."""

import json
from datetime import datetime

from emulators.sendgrid.signing import Signer
from shared.domain.ids import DraftId
from shared.domain.links import Link, LinkKind
from shared.domain.ways import SendGridAccount
from shared.wiring import ports
from tests.bench.scenes import Scene, dumped
from tests.pipeline.world import JONAS, World

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LIVE = "health/live"
"""A second scene of `api`, under its own name: the one answer that looks at nothing."""


def visited(world: World, draft_id: DraftId) -> dict[str, Scene]:
    """By function, but for LIVE; each meets the world as it is now. `draft_id` is of the mail that has left."""
    at, token = world.suite.clock.now(), {"Authorization": f"Bearer {world.seeded.api_token}"}
    table = b"email,firstname\nnew@company.example,Nora\n"
    wish = b"List-Unsubscribe=One-Click"
    batch, signed = _batch(world, at)
    state = dumped(world.suite)
    return {
        "console": Scene("console", "GET", "/sign-in", {}, b"", at, state),
        "api": Scene("api", "GET", "/runs", token, b"", at, state),
        LIVE: Scene("api", "GET", f"/{LIVE}", {}, b"", at, state),
        "imports": Scene("imports", "POST", "/", token, table, at, state),
        "unsubscribe": Scene("unsubscribe", "POST", _path(world, draft_id, LinkKind.OPT_OUT), FORM, wish, at, state),
        "track": Scene("track", "GET", _path(world, draft_id, LinkKind.OPEN), {}, b"", at, state),
        "sendgrid_events": Scene("sendgrid_events", "POST", f"/{world.workspace_id}", signed, batch, at, state),
    }


def _path(world: World, draft_id: DraftId, kind: LinkKind) -> str:
    """Of a link in the mail, below its function's name."""
    link = Link(kind=kind, workspace_id=world.workspace_id, draft_id=draft_id, recipient=JONAS)
    return "/" + str(ports.links.address_of(link=link)).rpartition("/")[2]


def _batch(world: World, at: datetime) -> tuple[bytes, dict[str, str]]:
    """One event as SendGrid signs it, of a mail that the workspace sent by other means: it is heard and leads to nothing."""
    signer = Signer("bench")
    account = SendGridAccount(key_secret="sendgrid-key-bench", events_key=signer.public_key)
    world.store.save_workspace(workspace=world.store.workspace(workspace_id=world.workspace_id).model_copy(update={"sendgrid": account}))
    seconds = int(at.timestamp())
    event = {"event": "delivered", "email": JONAS, "timestamp": seconds, "sg_event_id": "bench-1", "sg_message_id": "bench.1"}
    body = json.dumps([event]).encode()
    return body, {"Content-Type": "application/json", **signer.headers(body, seconds)}

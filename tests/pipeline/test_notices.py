"""People are told over every function and the emulated Slack: a draft waits, a decision silences, and no link that is followed acts."""

from typing import Any

import httpx
import pytest

from emulators.faults import Fault, Kind
from infra.cli.client import Found
from shared.domain.agent_run import AgentRun
from shared.domain.approval import Approval
from shared.domain.connections import Connection
from shared.domain.dead_letter import DeadLetter
from shared.domain.draft import Draft, DraftState
from shared.domain.heard import MailboxState
from shared.domain.notices import Concern, Matter, owed_notice
from shared.domain.outbox import Outgoing
from shared.domain.policy import Policy
from shared.domain.run import Run, RunState
from shared.domain.sends import Send, SendState, SendStep
from shared.ports.store import Create, Put
from tests.builders import a_run
from tests.letters import a_dead_letter
from tests.pipeline.office import Office
from tests.pipeline.world import World

CHANNEL = "C0SALES001"
STATE = (Draft, Send, Approval, Policy, Run, DeadLetter, Connection, MailboxState, AgentRun)


@pytest.fixture
def office(world: World) -> Office:
    """People are told in Slack and by mail, as `sdr notices set` does it."""
    office = Office(world)
    answer = office.asked("PATCH", "notices", {"slack_channel": CHANNEL, "operators": {"mara": {"by_mail": True}}})
    assert answer.status_code == 200, answer.text
    return office


def told(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.suite.slack.workspace.messages.get(CHANNEL, [])
    return found


def mailed(world: World) -> list[str]:
    return [one.mime["Subject"] for one in world.mailbox.messages.values() if "X-Sales-Agent-Notice" in one.mime]


def test_a_form_becomes_a_draft_and_the_draft_a_notice_in_slack_and_in_the_mailbox(world: World, office: Office) -> None:
    world.submit()
    world.settle()
    world.advance(minutes=3)
    [draft] = world.drafts
    [message] = told(world)
    assert message["blocks"][0]["text"]["text"].startswith("A draft for ")
    assert message["blocks"][-1]["elements"][0]["url"] == f"{world.suite.urls['functions']}/console/drafts/{draft.id}"
    assert len(mailed(world)) == 1
    assert draft.recipient not in message["text"]
    world.advance(minutes=30)
    assert (len(told(world)), len(mailed(world))) == (1, 1)
    [book] = [one for one in _books(office) if one["medium"] == "slack"]
    assert (book["concern"], book["waiting"], book["told"], book["trouble"]) == ("approvals", 0, 1, "")


def test_a_decision_before_it_is_told_silences_it(world: World, office: Office) -> None:
    world.suite.slack.faults.add(Fault("slack.chat.postMessage", Kind.STATUS, status=429, headers={"Retry-After": "60"}))
    world.submit()
    world.settle()
    world.suite.slack.faults.clear()
    [draft] = world.drafts
    assert office.asked("POST", f"drafts/{draft.id}/reject", {"reason": "other", "note": "not now"}).status_code == 200
    world.advance(minutes=30)
    assert told(world) == []


def test_the_kill_switch_is_told_by_whom_and_why_and_a_dead_token_holds_up_nothing(world: World, office: Office) -> None:
    world.suite.slack.token = "xoxb-another"
    assert office.asked("POST", "policy/kill", {"reason": "a <!channel> drill"}).status_code == 200
    world.settle()
    assert mailed(world) == ["The kill switch is on: nothing leaves"]
    [book] = [one for one in _books(office) if one["trouble"]]
    assert "invalid_auth" in book["trouble"]
    trial = office.asked("POST", "notices/try").json()
    assert [one["works"] for one in trial["checks"]] == [False, True]
    assert "--slack-token" in trial["checks"][0]["told"]
    world.suite.slack.token = "xoxb-emulated-token"
    world.advance(hours=2)
    assert "&lt;!channel&gt; drill" in told(world)[0]["text"]


def test_whoever_follows_every_link_of_every_notice_changes_nothing(world: World, office: Office) -> None:
    world.submit()
    world.settle()
    [draft] = world.drafts
    _everything_happens(world, draft)
    assert office.asked("POST", "policy/kill", {"reason": "a drill"}).status_code == 200
    world.settle()
    world.advance(minutes=20)
    links = {one["url"] for message in told(world) for one in message["blocks"][-1]["elements"]}
    heads = {message["blocks"][0]["text"]["text"].split()[0] for message in told(world)}
    assert len(told(world)) >= 6, heads
    assert len(links) >= 4
    before = _state(world)
    for url in sorted(links):  # a scanner, and Slack's unfurler: nobody has signed in
        assert httpx.get(url, timeout=30).status_code in (200, 303, 401, 403)
        assert httpx.head(url, timeout=30).status_code in (200, 303, 401, 403)
    with office.signed_in() as console:  # and somebody's browser that fetches ahead
        for url in sorted(links):
            assert console.get(url).status_code == 200, url
    world.settle()
    assert _state(world) == before


def _books(office: Office) -> list[Found]:
    books: list[Found] = office.asked("GET", "notices").json()["books"]
    return books


def _state(world: World) -> dict[str, Any]:
    return {kind.__name__: sorted(world.all(kind), key=lambda one: one.id) for kind in STATE} | {"owed": world.all(Outgoing)}


def _everything_happens(world: World, draft: Draft) -> None:
    """One of each concern, as it would stand in the store."""
    now = world.suite.clock.now()
    here = {"workspace_id": world.workspace_id}
    parked = Send(
        id="send_1", approval_id="approval_1", draft_id=draft.id, operator_id=draft.operator_id, mailbox=draft.mailbox,
        recipient=draft.recipient, touch=draft.touch, new_thread=False, state=SendState.PARKED, reason="nobody knows", due_at=now,
        history=(SendStep(state=SendState.PARKED, at=now),), trace_id="t", created_at=now, updated_at=now, **here,
    )  # fmt: skip
    failed = a_run(id="run_lost", state=RunState.FAILED, failed_stage="plan", failure_reason="the portal refuses", **here)
    box = MailboxState(id="mara", operator_id="mara", cursor="1", read_at=now, trouble="revoked", trouble_at=now, **here)
    world.store.commit(Put(parked), Put(failed), Put(a_dead_letter(**here)), Put(box))
    matters = (
        Matter(concern=Concern.SENDS, id="send_1", occasion="parked"),
        Matter(concern=Concern.RUNS, id="run_lost", occasion="failed"),
        Matter(concern=Concern.LETTERS, id="dead_1", occasion="open"),
        Matter(concern=Concern.RECONNECT, id="mara", occasion="20261127"),
    )
    world.store.commit(*(Create(owed_notice(one, workspace_id=world.workspace_id, at=now)) for one in matters))
    world.advance(minutes=2)  # the sweep hands them over
    assert draft.state is DraftState.PENDING

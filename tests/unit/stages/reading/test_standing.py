"""How a workspace stands: what waits for somebody, whom we hear, and who answers."""

from datetime import timedelta

import pytest

from shared.domain.agent_run import AgentRun
from shared.domain.circuit import INSTALLATION, Circuit, CircuitState
from shared.domain.dead_letter import DeadLetterState
from shared.domain.draft import DraftState
from shared.domain.heard import MailboxState
from shared.domain.ids import TraceId, WorkspaceId
from shared.domain.wire import LISTENING
from shared.ports.errors import Transient
from shared.stages.reading import letters, standing
from tests.builders import OPERATOR, WORKSPACE, a_draft
from tests.letters import a_dead_letter
from tests.unit.stages.world import StageWorld

OTHERS = WorkspaceId("fabrikam")


def heard(world: StageWorld, **changes: object) -> MailboxState:
    told = {"id": OPERATOR, "workspace_id": WORKSPACE, "operator_id": OPERATOR, "cursor": "1", "read_at": world.clock.now()}
    return MailboxState.model_validate({**told, **changes})


def boxes(world: StageWorld) -> list[tuple[object, object]]:
    found = standing.mailboxes(workspace_id=WORKSPACE, store=world.store, clock=world.clock)
    return [(one["listening"], one["trouble"]) for one in found if one["operator_id"] == OPERATOR]


def test_a_mailbox_that_was_never_read_is_not_listened_to(world: StageWorld) -> None:
    assert boxes(world) == [(False, "it was never read")]


def test_we_listen_for_as_long_as_the_wire_says(world: StageWorld) -> None:
    world.put(heard(world))
    assert boxes(world) == [(True, "")]
    world.clock.advance(LISTENING)
    assert boxes(world) == [(True, "")]
    world.clock.advance(timedelta(seconds=1))
    assert boxes(world) == [(False, "")]
    world.put(heard(world, trouble="consent was withdrawn"))
    assert boxes(world) == [(False, "consent was withdrawn")]


def test_the_status_counts_what_waits_for_somebody_and_nothing_of_others(world: StageWorld) -> None:
    world.put(
        heard(world), a_draft(id="d-1"), a_draft(id="d-2"), a_draft(id="d-3", state=DraftState.REJECTED), a_draft(id="d-4", synthetic=True)
    )
    world.put(a_dead_letter(), a_dead_letter(id="dead_2", state=DeadLetterState.RESOLVED))
    world.put(a_draft(id="d-5", workspace_id=OTHERS), a_dead_letter(id="dead_3", workspace_id=OTHERS))
    told = standing.status(workspace_id=WORKSPACE, store=world.store, clock=world.clock)
    assert (told["drafts_pending"], told["dead_letters_open"], told["mailboxes"], told["mailboxes_listening"]) == (2, 1, 2, 1)
    assert (told["mode"], told["kill_switch"], told["policy_version"], told["forms_polled_at"]) == ("DRAFT_ONLY", False, 0, None)


def test_a_dependency_is_as_open_as_the_worst_of_its_circuits(world: StageWorld) -> None:
    now = world.clock.now()
    closed = Circuit(id="hubspot", workspace_id=WORKSPACE, state=CircuitState.CLOSED, changed_at=now)
    world.put(closed, closed.model_copy(update={"id": "hubspot-search", "state": CircuitState.OPEN, "reason": "429"}))
    world.put(closed.model_copy(update={"id": "openai", "workspace_id": INSTALLATION, "state": CircuitState.OPEN}))
    call = {
        "id": "call-1",
        "workspace_id": WORKSPACE,
        "agent": "draft_writer",
        "model": "m",
        "prompt_version": "1",
        "trace_id": TraceId("t"),
    }
    world.put(heard(world), AgentRun.model_validate({**call, "outcome": "ok", "at": now}))
    found = {one["name"]: one for one in standing.dependencies(workspace_id=WORKSPACE, store=world.store)}
    assert (found["hubspot"]["state"], found["hubspot"]["reason"], found["hubspot"]["last_success"]) == ("open", "429", None)
    assert (found["gmail"]["state"], found["gmail"]["last_success"]) == ("closed", now.isoformat())
    assert found["openai"]["state"] == "open"  # one for all workspaces
    assert found["openai"]["last_success"] == now.isoformat()


def test_a_store_that_does_not_answer_is_not_ready(world: StageWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    standing.reachable(store=world.store)

    def away(*_: object) -> object:
        raise Transient("away")

    monkeypatch.setattr(world.store, "read", away)
    with pytest.raises(Transient):
        standing.reachable(store=world.store)


def test_dead_letters_are_listed_newest_first_by_state_and_without_what_they_said(world: StageWorld) -> None:
    later = world.clock.now() + timedelta(hours=1)
    world.put(a_dead_letter(), a_dead_letter(id="dead_2", received_at=later), a_dead_letter(id="dead_3", state=DeadLetterState.REPLAYED))
    page = letters.dead_letters(workspace_id=WORKSPACE, store=world.store, limit=1, state=DeadLetterState.OPEN)
    assert ([one["id"] for one in page.items], page.next) == (["dead_2"], "dead_2")
    rest = letters.dead_letters(workspace_id=WORKSPACE, store=world.store, limit=1, state=DeadLetterState.OPEN, after="dead_2")
    assert ([one["id"] for one in rest.items], rest.next, "payload" in rest.items[0]) == (["dead_1"], "", False)
    assert letters.dead_letter(workspace_id=WORKSPACE, id="dead_1", store=world.store)["payload"]

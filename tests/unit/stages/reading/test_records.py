"""Reading: what operators see of runs and drafts, page by page, and nothing of anybody else's."""

import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.agent_run import AgentRun
from shared.domain.draft import DraftState
from shared.domain.hints import HintState
from shared.domain.ids import WorkspaceId
from shared.domain.lease import claimed
from shared.domain.run import RunState
from shared.domain.verdict import Outcome
from shared.ports.errors import NotFound, Rejected
from shared.stages.reading import drafts_and_sends, records
from tests.builders import MONDAY, WORKSPACE, a_context, a_draft, a_file, a_hint, a_hold, a_placement, a_plan, a_run, a_verdict, at
from tests.fakes.embedder import WordEmbedder
from tests.fakes.files import MemoryFiles
from tests.indexing import indexed
from tests.unit.stages.world import StageWorld, a_planned_run

OTHER = WorkspaceId("southwind")


def pages(world: StageWorld, *, limit: int) -> list[list[str]]:
    found, after = [], ""
    while True:
        page = records.runs(workspace_id=WORKSPACE, store=world.store, limit=limit, after=after)
        found.append([str(one["id"]) for one in page.items])
        if not page.next:
            return found
        after = page.next


def test_runs_are_listed_newest_first_without_what_they_rest_on(world: StageWorld):
    world.put(a_run(), a_planned_run(id="run_2", created_at=at(hours=1), lease=claimed(None, holder="x", now=MONDAY)))
    newest, oldest = records.runs(workspace_id=WORKSPACE, store=world.store).items
    assert (newest["id"], oldest["id"]) == ("run_2", "run_1")
    assert newest == {
        "id": "run_2",
        "state": "planned",
        "recipient": "ana.silva@brightleaf.example",
        "draft_id": None,
        "failed_stage": "",
        "failure_reason": "",
        "paused": "",
        "placement_note": "",
        "created_at": "2026-11-23T10:00:00Z",
        "updated_at": "2026-11-23T09:00:00Z",
        "progress": "STARTED",
        "action": "SEND_FOLLOWUP",
        "refused": "",
    }
    assert oldest["action"] is None


@given(st.integers(0, 12), st.integers(1, 5))
def test_page_by_page_every_run_is_listed_once(count: int, limit: int):
    world = StageWorld()
    world.put(*(a_run(id=f"run_{number:02}", created_at=at(minutes=number // 2)) for number in range(count)))
    listed = pages(world, limit=limit)
    assert [id for page in listed for id in page] == [f"run_{number:02}" for number in reversed(range(count))]
    assert all(len(page) == limit for page in listed[:-1])
    assert count == 0 or listed[-1]


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-5, 1), (100, 100), (5000, 100)])
def test_a_page_has_between_one_and_a_hundred_items(world: StageWorld, asked: int, given: int):
    world.put(*(a_run(id=f"run_{number}") for number in range(103)))
    page = records.runs(workspace_id=WORKSPACE, store=world.store, limit=asked)
    assert len(page.items) == given
    assert page.next == page.items[-1]["id"]


def test_a_page_has_twenty_items_unless_asked_otherwise(world: StageWorld):
    world.put(*(a_run(id=f"run_{number:02}") for number in range(21)), *(a_draft(id=f"draft-{number:02}") for number in range(21)))
    assert len(records.runs(workspace_id=WORKSPACE, store=world.store).items) == 20
    assert len(drafts_and_sends.drafts(workspace_id=WORKSPACE, now=MONDAY, store=world.store).items) == 20


def test_the_last_page_has_no_next_one(world: StageWorld):
    world.put(a_run(), a_run(id="run_2"))
    assert records.runs(workspace_id=WORKSPACE, store=world.store, limit=2).next == ""


def test_a_run_is_shown_whole_but_for_its_workspace_and_lease(world: StageWorld):
    world.put(a_planned_run(lease=claimed(None, holder="x", now=MONDAY)).moved(RunState.DRAFTED, stage="draft", at=at(minutes=1)))
    shown = records.run(workspace_id=WORKSPACE, id="run_1", store=world.store)
    assert (shown["progress"], shown["step"], shown["context"]["operator_id"]) == ("STARTED", "drafted", a_context().operator_id)
    assert shown["plan"]["reason"] == a_plan().reason
    assert not {"workspace_id", "lease"} & shown.keys()
    assert json.loads(json.dumps(shown)) == shown


def test_a_run_without_history_shows_the_state_it_is_in(world: StageWorld):
    world.put(a_run())
    assert records.run(workspace_id=WORKSPACE, id="run_1", store=world.store)["step"] == "received"


def test_a_run_is_shown_with_what_it_asked_of_models_the_earliest_first(world: StageWorld):
    def call(id: str, minute: int, run_id: str = "run_1") -> AgentRun:
        told = {"agent": "draft_writer", "model": "m", "prompt_version": "1", "trace_id": "t", "outcome": "ok"}
        return AgentRun(id=id, workspace_id=WORKSPACE, run_id=run_id, at=at(minutes=minute), **told)

    world.put(a_run(), call("a", 2), call("b", 1), call("c", 0, run_id="run_2"))
    shown = records.run(workspace_id=WORKSPACE, id="run_1", store=world.store)
    assert [one["id"] for one in shown["model_calls"]] == ["b", "a"]


def test_a_handle_of_intake_answers_with_the_run_it_led_to(world: StageWorld):
    world.put(a_run(), a_hint(id="evt_1", state=HintState.RESOLVED, run_id="run_1"))
    assert records.run(workspace_id=WORKSPACE, id="evt_1", store=world.store)["id"] == "run_1"


@pytest.mark.parametrize(
    ("state", "progress"), [(HintState.PENDING, "PENDING"), (HintState.IGNORED, "SUCCESS"), (HintState.FAILED, "FAILURE")]
)
def test_a_handle_that_has_led_to_no_run_says_how_it_stands(world: StageWorld, state: HintState, progress: str):
    world.put(a_hint(id="evt_1", state=state, reason="no form"))
    assert records.run(workspace_id=WORKSPACE, id="evt_1", store=world.store) == {
        "id": "evt_1",
        "progress": progress,
        "step": f"announced, {state}",
        "reason": "no form",
        "history": [],
        "created_at": "2026-11-23T09:00:00+00:00",
    }


def test_drafts_are_listed_newest_first_without_body_and_evidence(world: StageWorld):
    judged = a_draft(id="draft-2", created_at=at(hours=1), verdict=a_verdict(outcome=Outcome.WARN, risk=20), placement=a_placement())
    world.put(a_draft(), judged)
    newest, oldest = drafts_and_sends.drafts(workspace_id=WORKSPACE, now=MONDAY, store=world.store).items
    assert newest == {
        "id": "draft-2",
        "run_id": "run_1",
        "state": DraftState.PENDING,
        "state_reason": "",
        "mailbox": "maria@northwind.example",
        "recipient": "ana.silva@brightleaf.example",
        "created_at": "2026-11-23T10:00:00Z",
        "updated_at": "2026-11-23T09:00:00Z",
        "subject": "Your logistics summit",
        "verdict": "WARN",
        "risk": 20,
        "url": a_placement().url,
        "recipient_name": "Ana Silva",
        "revision": 1,
        "snoozed_until": None,
        "decided_by": None,
    }
    assert (oldest["verdict"], oldest["risk"], oldest["url"]) == (None, None, "")


def test_drafts_come_page_by_page_too(world: StageWorld):
    world.put(*(a_draft(id=f"draft-{number}", created_at=at(minutes=number)) for number in range(3)))
    first = drafts_and_sends.drafts(workspace_id=WORKSPACE, now=MONDAY, store=world.store, limit=2)
    rest = drafts_and_sends.drafts(workspace_id=WORKSPACE, now=MONDAY, store=world.store, limit=2, after=first.next)
    assert [one["id"] for one in (*first.items, *rest.items)] == ["draft-2", "draft-1", "draft-0"]


def test_held_times_are_listed_newest_first_with_what_became_of_them(world: StageWorld):
    world.put(a_hold(), a_hold(id="hold_2", created_at=at(hours=1), reason="the conversation was answered"))
    newest, oldest = records.holds(workspace_id=WORKSPACE, store=world.store).items
    assert (newest["id"], newest["reason"], oldest["state"]) == ("hold_2", "the conversation was answered", "wanted")
    assert not {"workspace_id", "lease"} & set(newest)


def test_a_draft_is_shown_with_its_body_and_the_source_of_every_sentence(world: StageWorld):
    world.put(a_draft())
    shown = drafts_and_sends.draft(workspace_id=WORKSPACE, id="draft-1", store=world.store, now=MONDAY)
    assert shown["body"] == a_draft().text.body
    assert shown["text"]["paragraphs"][0][1]["sources"] == ["form.message"]
    assert "workspace_id" not in shown


def test_another_workspaces_records_are_as_missing_as_those_that_never_were(world: StageWorld):
    world.put(a_run(workspace_id=OTHER), a_draft(workspace_id=OTHER), a_hint(id="evt_1", workspace_id=OTHER))
    for id in ("run_1", "evt_1", "run_9"):
        with pytest.raises(NotFound, match=f"run {id} does not exist"):
            records.run(workspace_id=WORKSPACE, id=id, store=world.store)
    for id in ("draft-1", "draft-9"):
        with pytest.raises(NotFound, match=f"draft {id} does not exist"):
            drafts_and_sends.draft(workspace_id=WORKSPACE, id=id, store=world.store, now=MONDAY)
    assert records.runs(workspace_id=WORKSPACE, store=world.store).items == []
    assert drafts_and_sends.drafts(workspace_id=WORKSPACE, now=MONDAY, store=world.store).items == []


@pytest.mark.parametrize(
    "listed", [records.runs, partial(drafts_and_sends.drafts, now=MONDAY), drafts_and_sends.sends, records.holds, records.assets]
)
def test_an_id_that_is_nobodys_or_another_workspaces_is_no_cursor(listed, world: StageWorld):
    world.put(a_run(), a_run(id="run_2", workspace_id=OTHER))
    for id in ("run_2", "gone"):
        with pytest.raises(Rejected) as refused:
            listed(workspace_id=WORKSPACE, store=world.store, after=id)
        assert refused.value.field == "after"


def test_a_hint_whose_run_is_missing_is_not_found(world: StageWorld):
    world.put(a_hint(id="evt_1", state=HintState.RESOLVED, run_id="run_9"))
    with pytest.raises(NotFound, match="run_9"):
        records.run(workspace_id=WORKSPACE, id="evt_1", store=world.store)


def test_the_index_of_drive_is_shown_without_its_texts(world: StageWorld):
    files = MemoryFiles({a_file(id="one"): "First text.", a_file(id="two", open_to=()): "Second text."})
    indexed(files, store=world.store, embedder=WordEmbedder(), workspace=world.workspace)
    first, second = records.assets(workspace_id=WORKSPACE, store=world.store).items
    assert (first["id"], first["name"], first["shareable"], first["chunks"]) == ("one", "Case study: logistics summit", True, 1)
    assert (second["shareable"], "named people" in second["share_reason"], "text" in second) == (False, True, False)
    assert json.dumps([first, second])
    index = records.drive_index(workspace_id=WORKSPACE, id="drive", store=world.store)
    assert (index["trouble"], index["folders"], "lease" in index, "cursor" in index) == ("", 0, False, False)


@pytest.mark.parametrize("id", ["drive", "else"])
def test_an_index_that_does_not_exist_is_not_found(world: StageWorld, id: str):
    with pytest.raises(NotFound):
        records.drive_index(workspace_id=OTHER, id=id, store=world.store)

"""What the API answers for builders' runs and drafts, what Gmail and HubSpot hold after them, and how something looks on screen."""

import io
import json
from email import message_from_bytes, policy
from typing import Any

from rich.console import Console, RenderableType

from infra.cli.client import Found
from infra.cli.landing import Observed
from infra.cli.vendors import GmailDraft
from shared.connectors.gmail import mime
from shared.domain.agent_run import AgentRun
from shared.domain.crm_entry import CrmRecord
from shared.domain.draft import Draft
from shared.domain.ids import DraftId
from shared.domain.run import Run, RunState
from shared.ports.store import Put
from shared.stages.reading import drafts_and_sends, records
from tests.builders import WORKSPACE, a_draft, a_full_context, a_placement, a_plan, a_run, a_verdict, a_workspace, at
from tests.fakes.store import MemoryStore

WAY = (
    (RunState.PLANNED, "plan", "Ana asked for a demo."),
    (RunState.DRAFTED, "draft", "written by built-in-writer/1"),
    (RunState.GATED, "gate", "PASS, risk 0"),
    (RunState.PLACED, "place_draft", "placed"),
    (RunState.LOGGED, "log_to_crm", ""),
    (RunState.DONE, "log_to_crm", ""),
)


def a_finished_run(**changes: Any) -> Run:
    """A run that went all the way, a second per step."""
    run = a_run(plan=a_plan(), context=a_full_context(), draft_id=DraftId("draft-1"), **changes)
    for second, (state, stage, note) in enumerate(WAY, start=1):
        run = run.moved(state, stage=stage, at=at(seconds=second), note=note)
    return run.model_copy(update={"crm": CrmRecord(note_id="n-1", task_id="t-1", written_at=at(seconds=5))})


def a_placed_draft(**changes: Any) -> Draft:
    return a_draft(**{"verdict": a_verdict(), "placement": a_placement(), **changes})


def an_agent_run(**changes: Any) -> AgentRun:
    usual = {
        "id": "call-1",
        "workspace_id": WORKSPACE,
        "agent": "draft_writer",
        "model": "gpt-5-mini",
        "prompt_version": "draft_writer/1",
        "trace_id": "trace-1",
        "run_id": "run_1",
        "tokens_in": 900,
        "tokens_out": 100,
        "cost_usd": 0.0042,
        "latency_ms": 812,
        "outcome": "ok",
        "at": at(seconds=1.5),
    }
    return AgentRun(**{**usual, **changes})


def run_answer(run: Run, *calls: AgentRun) -> Found:
    """As it comes over the wire."""
    store = MemoryStore()
    store.commit(Put(run), *(Put(call) for call in calls))
    return _over_the_wire(records.run(workspace_id=WORKSPACE, id=run.id, store=store))


def draft_answer(draft: Draft) -> Found:
    store = MemoryStore()
    store.save_workspace(workspace=a_workspace())
    store.commit(Put(draft), Put(a_finished_run(id=draft.run_id)))
    return _over_the_wire(drafts_and_sends.draft(workspace_id=WORKSPACE, id=draft.id, store=store, now=at()))


def standing(draft: Draft, *, id: str = "r-1", thread_id: str = "t1") -> GmailDraft:
    """The draft as our own connector writes it into Gmail."""
    raw = mime.composed(draft, sender=draft.sent_as("Maria Costa"))
    return GmailDraft(id=id, thread_id=thread_id, mail=message_from_bytes(raw, policy=policy.default))


def observed(draft: Draft, **changes: Any) -> Observed:
    """Everything as it should be after a run for somebody new."""
    usual = {
        "drafts": [standing(draft)],
        "thread": [{"id": "gm-1"}],
        "notes": [{"id": "n-1", "properties": {"hs_note_body": "…<p>Ref: SA-run_1-note</p>"}}],
        "tasks": [{"id": "t-1", "properties": {"hs_task_body": "Ref: SA-run_1-task", "hs_task_subject": "Review and send"}}],
    }
    return Observed(**{**usual, **changes})


def shown(what: RenderableType, *, width: int = 120) -> str:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(what)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _over_the_wire(answer: Any) -> Found:
    return json.loads(json.dumps(answer))

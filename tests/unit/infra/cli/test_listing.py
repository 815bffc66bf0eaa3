"""Lists, pages and the timeline on screen."""

from infra.cli import listing
from shared.domain.crm_entry import CrmRecord
from shared.domain.draft import DraftState
from shared.domain.holds import HoldState
from shared.domain.sends import Touch
from tests.builders import a_hold, a_run, at
from tests.unit.infra.cli.answers import a_finished_run, a_placed_draft, an_agent_run, draft_answer, run_answer, shown

LINE = {
    "id": "run_1",
    "state": "done",
    "failed_stage": "",
    "failure_reason": "",
    "placement_note": "",
    "refused": "",
    "paused": "",
    "recipient": "ana.silva@brightleaf.example",
    "updated_at": "2026-11-23T09:00:06Z",
    "progress": "SUCCESS",
    "action": "PROPOSE_CALL",
}


def test_a_run_is_a_line_with_its_progress_and_plan() -> None:
    [_, line] = shown(listing.runs_table([LINE])).splitlines()

    assert line.split() == ["run_1", "SUCCESS", "done", "PROPOSE_CALL", "ana.silva@brightleaf.example", "2026-11-23", "09:00:06"]


def test_a_failed_run_names_its_stage_in_the_list() -> None:
    assert "failed in draft" in shown(listing.runs_table([{**LINE, "state": "failed", "failed_stage": "draft", "progress": "FAILURE"}]))


def test_a_paused_run_says_so_in_the_list_and_why_on_its_page() -> None:
    assert "gated, paused" in shown(listing.runs_table([{**LINE, "state": "gated", "paused": "place_draft: reconnect the mailbox"}]))
    page = shown(listing.run_page(run_answer(a_run(paused="plan: reconnect the mailbox"))))
    assert "Paused in" in page
    assert "plan: reconnect the mailbox" in page


def test_a_failed_run_that_left_a_task_says_so() -> None:
    record = CrmRecord(note_id="", task_id="t-9", written_at=at())
    failed = a_run().failed(stage="plan", reason="no", at=at()).model_copy(update={"crm": record})
    assert "task t-9: a person has to write" in shown(listing.run_page(run_answer(failed)))


def test_an_empty_list_says_how_to_fill_it() -> None:
    assert "submit-form" in shown(listing.runs_table([]))
    assert "submit-form" in shown(listing.drafts_table([]))


def test_a_held_time_is_a_line_that_says_why_it_ended() -> None:
    line = a_hold(state=HoldState.RELEASED, reason="the conversation was answered").model_dump(mode="json")
    told = shown(listing.holds_table([line]))
    assert all(word in " ".join(told.split()) for word in ("Tuesday 24 November", "released", "answered"))
    assert "None yet" in shown(listing.holds_table([]))


def test_a_full_page_says_how_to_get_the_next_one() -> None:
    assert "--after run_1" in shown(listing.page({"items": [LINE], "next": "run_1"}, listing.runs_table))
    assert "--after" not in shown(listing.page({"items": [LINE], "next": ""}, listing.runs_table))


def test_a_draft_is_a_line_with_its_verdict() -> None:
    line = {
        "id": "draft-1",
        "state": "pending",
        "verdict": None,
        "recipient": "a@b.example",
        "subject": "Hello",
        "updated_at": LINE["updated_at"],
    }

    assert "not judged" in shown(listing.drafts_table([line]))
    assert "WARN" in shown(listing.drafts_table([{**line, "verdict": "WARN"}]))


def test_a_run_shows_its_plan_its_reason_and_every_step() -> None:
    text = shown(listing.run_page(run_answer(a_finished_run())))

    assert "Because" in text
    assert "note n-1, task t-1" in text
    assert [line.split()[2] for line in text.splitlines() if " s  " in line] == ["planned", "drafted", "gated", "placed", "logged", "done"]


def test_a_failed_run_shows_the_step_and_the_reason() -> None:
    text = shown(listing.run_page(run_answer(a_run().failed(stage="plan", reason="HubSpot refuses the token", at=at(seconds=2)))))

    assert "Failed in  plan: HubSpot refuses the token" in text
    assert "2.00 s  failed" in text


def test_an_announcement_without_a_run_yet_is_shown_as_such() -> None:
    announced = {
        "id": "evt_1",
        "progress": "PENDING",
        "step": "announced, pending",
        "reason": "",
        "history": [],
        "created_at": "2026-11-23T09:00:00Z",
    }

    for page in (listing.run_page, listing.trace_page):
        assert "announced, pending" in shown(page(announced))


def test_the_trace_puts_model_calls_between_the_steps_they_happened_in() -> None:
    text = shown(listing.trace_page(run_answer(a_finished_run(), an_agent_run())))

    whats = [line.split("  ")[1].strip() for line in text.splitlines() if " s  " in line]
    assert whats == ["planned", "model call", "drafted", "gated", "placed", "logged", "done"]
    assert "gpt-5-mini, prompt draft_writer/1, 900 tokens in, 100 out, $0.0042, 812 ms" in text
    assert text.endswith("1 model call, 1000 tokens, $0.0042")


def test_a_model_call_that_went_wrong_says_how_and_who_took_over() -> None:
    call = an_agent_run(outcome="timeout", reason="too slow", fell_back=True, attempts=2, model="built-in-writer/1")

    text = shown(listing.timeline(run_answer(a_finished_run(), call)), width=250)

    assert "2 attempts, timeout: too slow, the built-in writer took over" in text


def test_a_draft_shows_the_mail_the_verdict_and_where_it_stands() -> None:
    text = shown(listing.draft_page(draft_answer(a_placed_draft())))

    assert "Hi Ana," in text
    assert "PASS, risk 0/100" in text
    assert "r-1 in thread t1" in text


def test_a_draft_that_is_not_in_gmail_says_why() -> None:
    draft = a_placed_draft(placement=None, state=DraftState.SUPERSEDED, state_reason="a newer submission has its draft here")

    text = shown(listing.draft_page(draft_answer(draft)))

    assert "superseded: a newer submission has its draft here" in text
    assert "not in Gmail" in text


def test_a_draft_says_why_it_may_be_sent_and_if_it_may_not_why_not() -> None:
    answer = shown(listing.draft_page(draft_answer(a_placed_draft())))
    assert "They are in the European Union and its neighbours (PT): may be written to, by an inquiry of theirs." in " ".join(answer.split())
    outreach = shown(listing.draft_page(draft_answer(a_placed_draft(touch=Touch.OUTREACH))), width=300)
    assert "the footer has to say who writes, a postal address" in outreach
    unknown = {**draft_answer(a_placed_draft()), "law": None}
    assert "nothing is known any more" in shown(listing.draft_page(unknown))


def test_what_the_law_refused_is_no_failure_and_says_why() -> None:
    told = shown(listing.runs_table([{**LINE, "refused": "They are in Germany (DE)", "placement_note": "They are in Germany (DE)"}]))
    assert ("refused" in told, "They are in Germany" in " ".join(told.split()), "failed" in told) == (True, True, False)


def test_a_run_that_failed_or_had_nothing_to_write_says_why() -> None:
    failed = shown(listing.runs_table([{**LINE, "state": "failed", "failed_stage": "plan", "failure_reason": "no answer"}]))
    idle = shown(listing.runs_table([{**LINE, "placement_note": "A colleague tried the form."}]))
    assert ("no answer" in " ".join(failed.split()), "refused" in idle, "colleague" in idle) == (True, False, True)

"""What counts as landed in Gmail and HubSpot, and every way in which it may be missing."""

from dataclasses import replace
from typing import Any

import pytest

from infra.cli.landing import Landing, Observed, landing_of
from shared.domain.ids import DraftId
from tests.builders import a_draft_text, a_run, at
from tests.unit.infra.cli.answers import a_finished_run, a_placed_draft, draft_answer, observed, run_answer, standing

DRAFT = a_placed_draft()
NEITHER = {"id": "n-9", "properties": {"hs_note_body": "Called, no answer", "hs_task_body": None}}


def landing(seen: Observed, draft: Any = DRAFT) -> Landing:
    return landing_of(run_answer(a_finished_run()), draft_answer(draft), seen)


def test_a_draft_alone_in_a_new_thread_with_its_note_and_task_misses_nothing() -> None:
    found = landing(observed(DRAFT))

    assert found.missing == ()
    assert found.gmail is not None
    assert found.gmail["draft_id"] == "r-1"
    assert found.gmail["earlier_messages"] == 0
    assert found.note is not None
    assert found.note["id"] == "n-1"
    assert found.task is not None
    assert found.task["hs_task_subject"] == "Review and send"


def test_whoever_wrote_before_is_answered_in_a_thread_they_wrote_in() -> None:
    theirs = observed(DRAFT, thread=[{"id": "m1"}, {"id": "gm-1"}], written_in=frozenset({"t1", "t7"}))

    assert landing(theirs).missing == ()
    assert landing(replace(theirs, written_in=frozenset({"t7"}))).missing == (
        "the Gmail draft is not in a thread this person has written in",
    )


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"drafts": []}, "Gmail holds 0 drafts to ana.silva@brightleaf.example, not one"),
        ({"drafts": [standing(DRAFT), standing(DRAFT, id="r-2")]}, "Gmail holds 2 drafts to ana.silva@brightleaf.example, not one"),
        ({"drafts": [standing(DRAFT, id="r-2")]}, "the run does not know this Gmail draft"),
        ({"thread": [{"id": "m1"}, {"id": "gm-1"}]}, "the Gmail draft is not in a new thread"),
        ({"notes": []}, "HubSpot holds 0 notes of this run at the contact, not one"),
        ({"notes": [NEITHER]}, "HubSpot holds 0 notes of this run at the contact, not one"),
        ({"tasks": observed(DRAFT).tasks * 2}, "HubSpot holds 2 tasks of this run at the contact, not one"),
        ({"tasks": [{**observed(DRAFT).tasks[0], "id": "t-2"}]}, "the run does not know HubSpot's task t-2"),
    ],
)
def test_what_is_not_there_is_named(changes: dict[str, Any], complaint: str) -> None:
    assert landing(observed(DRAFT, **changes)).missing == (complaint,)


def test_words_that_were_never_judged_are_noticed_in_gmail() -> None:
    edited = DRAFT.model_copy(update={"text": a_draft_text(greeting="Dear Ana,")})

    assert landing(observed(DRAFT, drafts=[standing(edited)])).missing == ("the words in Gmail are not the words that were judged",)


def test_umlauts_and_long_lines_survive_the_way_into_gmail_and_back() -> None:
    long = DRAFT.model_copy(update={"text": a_draft_text(greeting="Grüß Gott, Ana: " + "so schön " * 40)})

    assert landing(observed(long), long).missing == ()


def test_a_draft_of_another_run_in_the_same_place_is_noticed() -> None:
    other = DRAFT.model_copy(update={"id": DraftId("draft-2")})

    assert landing(observed(DRAFT, drafts=[standing(other)])).missing == ("the Gmail draft is not the one this run wrote",)


def test_a_run_that_failed_says_where_and_why() -> None:
    failed = a_run().failed(stage="plan", reason="HubSpot refuses the token", at=at(seconds=1))

    found = landing_of(run_answer(failed), None, Observed())

    assert found.missing[:2] == ("the run failed in plan: HubSpot refuses the token", "no draft was written")


def test_a_run_that_has_not_ended_has_not_landed() -> None:
    found = landing_of(run_answer(a_run()), None, Observed())

    assert found.missing[0] == "the run stands at “received” and has not ended"


def test_a_submission_without_a_run_has_not_landed() -> None:
    assert landing_of(None, None, Observed()).missing == ("no run was started for this submission",)

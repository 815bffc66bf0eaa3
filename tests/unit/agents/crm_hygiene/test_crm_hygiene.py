"""CRM hygiene: the note, the task and the few properties of a run."""

from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.agents.crm_hygiene.agent import HubSpotHygiene
from shared.agents.crm_hygiene.note import PREVIEW, preview
from shared.domain.crm_entry import CrmEntry, TaskText
from shared.domain.draft import Draft
from shared.domain.planning import Action, Priority
from shared.domain.run import Run
from shared.domain.verdict import Outcome
from shared.domain.workspace import CrmConnection
from shared.ports.errors import Permanent
from tests.builders import (
    MONDAY,
    a_contact,
    a_context,
    a_draft,
    a_draft_text,
    a_form_entry,
    a_placement,
    a_plan,
    a_run,
    a_sentence,
    a_verdict,
    a_violation,
    a_workspace,
    an_identity,
    an_operator,
)
from tests.cases import cases_of


def a_planned_run(*, contact: dict[str, Any] | None = None, **changes: Any) -> Run:
    identity = an_identity(contact=a_contact(**(contact or {})))
    return a_run(**{"context": a_context(identity=identity), "plan": a_plan(), **changes})


def entry(run: Run | None = None, draft: Draft | None = None, **workspace: Any) -> CrmEntry:
    return HubSpotHygiene().entry(workspace=a_workspace(**workspace), run=run or a_planned_run(), draft=draft, now=MONDAY)


def a_placed_draft(**changes: Any) -> Draft:
    return a_draft(**{"placement": a_placement(), "verdict": a_verdict(), **changes})


@pytest.mark.parametrize(("told", "expected"), cases_of("crm_hygiene"))
def test_a_run_leaves_a_task_and_properties_that_fit_its_end(told: dict[str, Any], expected: dict[str, Any]):
    run = a_planned_run(contact={"lead_status": told["status"]}, plan=a_plan(urgency=Priority(told["urgency"])))
    draft = (
        a_draft(placement=a_placement() if told["placed"] else None, verdict=a_verdict(outcome=told["outcome"]))
        if "placed" in told
        else None
    )
    left = entry(run, draft)
    assert {"task": left.task.subject, "priority": left.task.priority, "properties": left.properties} == expected


def test_note_and_task_show_the_reference_they_are_found_by():
    left = entry(draft=a_placed_draft())
    assert (left.note.marker, left.task.marker) == ("Ref: SA-run_1-note", "Ref: SA-run_1-task")
    assert left.note.body.endswith("<p>Ref: SA-run_1-note</p>")
    assert left.task.body.endswith("<p>Ref: SA-run_1-task</p>")


def test_the_same_run_leaves_the_same_entry_twice():
    assert entry(draft=a_placed_draft()) == entry(draft=a_placed_draft())


def test_the_note_shows_the_draft_the_plan_the_verdict_and_the_way_to_it():
    body = entry(draft=a_placed_draft()).note.body
    assert body == (
        "<p><strong>sales-agent drafted a mail to Ana Silva: Your logistics summit</strong></p>"
        "<p>Thanks for reaching out. You plan a logistics summit for 400 guests in May. Which part of registration matters most to you?</p>"
        "<p><strong>Plan:</strong> SEND_FOLLOWUP, urgent. Ana asked how registration works.</p>"
        "<p><strong>Check:</strong> PASS, risk 0 of 100.</p>"
        '<p><a href="https://mail.google.com/mail/u/maria@northwind.example/#drafts/gm-1">Open the draft in Gmail</a></p>'
        "<p>Ref: SA-run_1-note</p>"
    )


def test_a_refused_draft_says_why_it_is_not_in_gmail():
    draft = a_draft(verdict=a_verdict(outcome=Outcome.FAIL, risk=50, violations=(a_violation(),)))
    body = entry(draft=draft).note.body
    assert "FAIL, risk 50 of 100. It asks for two things." in body
    assert "Not placed in Gmail:</strong> The draft did not pass the check." in body
    assert "<a " not in body


def test_the_runs_own_word_on_why_nothing_was_placed_is_used():
    body = entry(a_planned_run(placement_note="You are already writing to them."), a_draft(verdict=a_verdict())).note.body
    assert "Not placed in Gmail:</strong> You are already writing to them." in body


def test_a_run_that_needed_no_draft_gives_its_reason_once():
    run = a_planned_run(
        plan=a_plan(action=Action.NO_ACTION, reason="A colleague tried the form."), placement_note="A colleague tried the form."
    )
    body = entry(run).note.body
    assert body.startswith("<p><strong>sales-agent drafted nothing for Ana Silva</strong></p>")
    assert body.count("A colleague tried the form.") == 1


def takeover(run: Run | None = None, draft: Draft | None = None, **changes: Any) -> TaskText:
    failed = (run or a_planned_run()).failed(stage="plan", reason="HubSpot answered 400 <b>", at=MONDAY)
    contact = a_contact(**changes.pop("contact", {}))
    entry_ = a_form_entry(**changes)
    return HubSpotHygiene().takeover(workspace=a_workspace(), run=failed, draft=draft, contact=contact, entry=entry_, now=MONDAY)


def test_a_run_that_failed_leaves_a_task_to_write_oneself_and_why():
    left = takeover(a_run())
    assert (left.subject, left.priority, left.owner_id) == ("Write to Ana Silva yourself: no draft could be written", "HIGH", "701")
    assert left.body == (
        "<p>Ana Silva filled in “Request a demo”; we could not write a draft: write to them yourself.</p>"
        "<p><strong>Because:</strong> HubSpot answered 400 &lt;b&gt; (plan)</p>"
        "<p>Ref: SA-run_1-task</p>"
    )
    assert left.marker == entry().task.marker


def test_a_run_that_failed_after_its_draft_was_placed_leaves_the_draft_to_review():
    left = takeover(draft=a_placed_draft())
    assert left.subject == "Review and send the draft to Ana Silva"
    assert "Open the draft in Gmail" in left.body
    assert "write to them yourself" not in left.body


def test_a_row_of_a_list_filled_in_nothing():
    assert "stands in the imported list “Request a demo”" in takeover(imported=True).body
    assert "filled in your form;" in takeover(form_name="").body


def test_a_failed_run_of_nobodys_contact_is_for_the_operator():
    assert takeover(contact={"owner_id": ""}).owner_id == "701"
    assert takeover(contact={"owner_id": "999"}).owner_id == "999"


def test_a_placement_without_a_link_is_still_told():
    assert "The draft stands in the operator&#x27;s Gmail." in entry(draft=a_placed_draft(placement=a_placement(url=""))).note.body


def test_a_link_that_is_no_https_address_is_not_made_clickable():
    draft = a_placed_draft(placement=a_placement(url="javascript:alert(1)"))
    assert "javascript" not in entry(draft=draft).note.body


def test_the_task_is_due_in_a_day_and_belongs_to_whose_gmail_the_draft_is_in():
    left = entry(a_planned_run(contact={"owner_id": "999"}), a_placed_draft())
    assert left.task.due_at == MONDAY + timedelta(hours=24)
    assert left.task.owner_id == "701"


@pytest.mark.parametrize(
    ("placed", "due"),
    [
        ("2026-11-23T15:00", "2026-11-24T15:00"),  # in Madrid it is an hour later, and they work until half past five
        ("2026-11-23T17:30", "2026-11-25T08:00"),
        ("2026-11-23T02:00", "2026-11-24T08:00"),
        ("2026-11-26T16:29", "2026-11-27T16:29"),
        ("2026-11-26T16:30", "2026-11-30T08:00"),
        ("2026-11-27T09:00", "2026-11-30T08:00"),
    ],
)
def test_a_task_is_due_in_the_operators_working_hours(placed: str, due: str):
    now = datetime.fromisoformat(placed).replace(tzinfo=UTC)
    left = HubSpotHygiene().entry(workspace=a_workspace(), run=a_planned_run(), draft=a_placed_draft(), now=now)
    assert left.task.due_at == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_task_of_an_operator_who_has_left_is_due_in_a_day():
    assert entry(a_planned_run(operator_id="gone")).task.due_at == MONDAY + timedelta(hours=24)


def test_without_a_hubspot_owner_of_the_operator_the_contacts_owner_gets_the_task():
    left = entry(a_planned_run(contact={"owner_id": "999"}), operators=(an_operator(hubspot_owner_id=""),))
    assert left.task.owner_id == "999"


def test_only_properties_the_workspace_allows_are_written():
    crm = CrmConnection(portal_id="4242", token_secret="t", writable_properties=("notes_last_contacted",))
    assert entry(draft=a_placed_draft(), crm=crm).properties == {}


def test_a_draft_is_not_told_as_a_contact():
    assert "notes_last_contacted" not in entry(draft=a_placed_draft()).properties


def test_a_run_that_was_never_planned_has_nobody_to_write_about():
    with pytest.raises(Permanent):
        entry(a_run())


def test_a_long_body_is_previewed_in_two_hundred_characters():
    long = a_draft(text=a_draft_text(paragraphs=((a_sentence("One sentence follows another. " * 30),),)))
    shown = preview(long)
    assert len(shown) <= PREVIEW
    assert shown.endswith("another.…")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(
    written=st.text(alphabet=st.sampled_from("<>&\"'/ab =!-\n"), max_size=120),
    name=st.text(alphabet="<script>\"'&;", min_size=1, max_size=20),
)
def test_nothing_anybody_wrote_becomes_markup(written: str, name: str):
    run = a_planned_run(contact={"first_name": name, "last_name": ""}, plan=a_plan(reason=written))
    text = a_draft_text(subject=written, paragraphs=((a_sentence(written),),))
    draft = a_placed_draft(text=text, verdict=a_verdict(violations=(a_violation(reason=written),)))
    page = Tags()
    body = entry(run, draft).note.body
    page.feed(body)
    assert set(page.opened) <= {"p", "strong", "a"}
    assert page.opened.count("a") == 1
    assert " ".join(written.split()) in unescape(body)


def test_nobody_is_asked_to_write_to_somebody_who_must_not_be_written_to():
    verdict = a_verdict(outcome=Outcome.FAIL, risk=100, violations=(a_violation(), a_violation(check="suppressed")))
    assert entry(draft=a_draft(verdict=verdict)).task.subject == "Do not write to Ana Silva: they are suppressed"

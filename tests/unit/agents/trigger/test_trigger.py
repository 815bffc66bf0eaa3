"""The trigger: which submission a hint announces, and what kind of work it is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.agents.trigger.agent import FormTrigger
from shared.agents.trigger.classification import classify
from shared.domain.planning import Job
from shared.domain.workspace import CrmConnection
from tests.builders import MONDAY, a_contact, a_form_entry, a_parsed_hint, a_workspace, at
from tests.cases import cases_of
from tests.fakes.clock import FixedClock
from tests.fakes.crm import MemoryCrm


def every(crm: MemoryCrm, *, now: datetime = MONDAY, forms: tuple[str, ...] = ("form-demo",), **hint: Any) -> Sequence[Job]:
    workspace = a_workspace(crm=CrmConnection(portal_id="4242", token_secret="t", form_ids=forms))
    return FormTrigger(crm=crm.of, clock=FixedClock(now)).jobs_for(workspace=workspace, hint=a_parsed_hint(**hint))


def found(crm: MemoryCrm, **given: Any) -> Job | None:
    """The likeliest."""
    return next(iter(every(crm, **given)), None)


def test_a_hint_with_form_address_and_moment_finds_exactly_that_submission():
    wanted, later = a_form_entry(submitted_at=at(minutes=-30)), a_form_entry(submitted_at=at(minutes=-1))
    job = found(MemoryCrm(entries=[wanted, later]), form_id="form-demo", submitted_at=at(minutes=-30, milliseconds=400))
    assert job is not None
    assert job.entry == wanted


def test_a_moment_nobody_submitted_at_finds_nothing():
    assert found(MemoryCrm(entries=[a_form_entry()]), form_id="form-demo", submitted_at=at(minutes=-7)) is None


def test_a_hint_with_only_a_contact_finds_the_submission_by_the_contacts_address():
    crm = MemoryCrm(contacts=[a_contact()], entries=[a_form_entry()])
    job = found(crm, email="", contact_id="51")
    assert job is not None
    assert (job.entry.email, job.contact_id) == ("ana.silva@brightleaf.example", "51")


def test_a_merged_contact_still_leads_to_its_submission():
    crm = MemoryCrm(contacts=[a_contact(id="77", merged_from=("51",))], entries=[a_form_entry()])
    assert found(crm, email="", contact_id="51") is not None


def test_the_contacts_address_is_tried_when_the_announced_one_submitted_nothing():
    crm = MemoryCrm(contacts=[a_contact()], entries=[a_form_entry()])
    assert found(crm, email="ana@old-firm.example", contact_id="51") is not None


def test_the_contact_is_not_fetched_when_the_address_already_led_to_the_submission():
    crm = MemoryCrm(contacts=[a_contact()], entries=[a_form_entry()])
    found(crm)
    assert "contact" not in crm.calls


SECOND = "ana@silva-family.example"


def a_merged_crm() -> MemoryCrm:
    """The firm's address an hour ago, the second one now; the record answers to both."""
    entries = [a_form_entry(submitted_at=at(hours=-1)), a_form_entry(email=SECOND, submitted_at=at(seconds=-2))]
    return MemoryCrm(contacts=[a_contact(other_emails=(SECOND,))], entries=entries)


@pytest.mark.parametrize("named", ["", "ana.silva@brightleaf.example", SECOND])
def test_whichever_address_of_a_merged_contact_was_filled_in_its_submission_is_found(named: str):
    jobs = every(a_merged_crm(), email=named, contact_id="51")
    assert jobs[0].entry.email == SECOND


@pytest.mark.parametrize("email", ["ana.silva@brightleaf.example", SECOND])
def test_an_announced_moment_is_looked_for_under_all_addresses(email: str):
    [job] = every(a_merged_crm(), email="ana.silva@brightleaf.example", contact_id="51", submitted_at=at(seconds=-2))
    assert job.entry.email == SECOND
    assert every(a_merged_crm(), email=email, contact_id="51", submitted_at=at(minutes=-30)) == ()


def test_without_a_contact_the_named_address_has_to_do():
    assert [job.entry.submitted_at for job in every(a_merged_crm(), contact_id="")] == [at(hours=-1)]


def test_submissions_are_read_once_when_the_contact_has_no_other_address():
    crm = MemoryCrm(contacts=[a_contact()], entries=[a_form_entry(submitted_at=at(hours=-1))])
    assert len(every(crm)) == 1
    assert crm.calls == ["submissions", "contact"]


def test_an_unknown_contact_without_address_finds_nothing():
    assert found(MemoryCrm(entries=[a_form_entry()]), email="", contact_id="404") is None


def test_the_submission_nearest_to_the_announcement_is_the_likeliest_and_the_others_follow():
    older, meant, after = (a_form_entry(submitted_at=at(minutes=minute)) for minute in (-60, 5, 5.1))
    jobs = every(MemoryCrm(entries=[older, meant, after]), occurred_at=MONDAY)
    assert [job.entry for job in jobs] == [meant, older]


def test_a_hint_that_names_its_moment_means_one_submission():
    entries = [a_form_entry(submitted_at=at(milliseconds=one)) for one in (-400, 0, 400)]
    assert [job.entry for job in every(MemoryCrm(entries=entries), submitted_at=MONDAY)] == [entries[1]]


def test_at_most_twenty_submissions_are_told():
    entries = [a_form_entry(submitted_at=at(minutes=-one)) for one in range(30)]
    assert [job.entry for job in every(MemoryCrm(entries=entries))] == entries[:20]


def test_without_an_announced_moment_the_newest_submission_wins():
    entries = [a_form_entry(submitted_at=at(hours=-hour)) for hour in (3, 1, 2)]
    job = found(MemoryCrm(entries=entries), occurred_at=None)
    assert job is not None
    assert job.entry.submitted_at == at(hours=-1)


def test_the_newest_submission_is_found_across_all_forms():
    entries = [a_form_entry(form_id="form-demo", submitted_at=at(hours=-2)), a_form_entry(form_id="form-price", submitted_at=at(hours=-1))]
    job = found(MemoryCrm(entries=entries), forms=("form-demo", "form-price"))
    assert job is not None
    assert job.entry.form_id == "form-price"


def test_a_hint_delivered_days_late_finds_what_it_announced():
    assert found(MemoryCrm(entries=[a_form_entry(submitted_at=at(days=-4))])) is not None
    assert found(MemoryCrm(entries=[a_form_entry(submitted_at=at(days=-4, seconds=-1))])) is None


def test_what_is_older_than_a_day_does_not_count_beside_something_newer():
    newer = a_form_entry(submitted_at=at(hours=-24))
    assert [job.entry for job in every(MemoryCrm(entries=[a_form_entry(submitted_at=at(hours=-25)), newer]))] == [newer]


def test_a_late_hint_looks_back_from_what_it_announces():
    job = found(MemoryCrm(entries=[a_form_entry()]), now=at(days=2), occurred_at=at(minutes=1))
    assert job is not None


def test_a_submission_of_somebody_else_is_not_taken():
    assert found(MemoryCrm(entries=[a_form_entry(email="joe@harbour.example")])) is None


def test_addresses_are_compared_without_case_and_blanks():
    assert (
        found(MemoryCrm(entries=[a_form_entry(email=" Ana.Silva@Brightleaf.EXAMPLE ")]), email="ANA.SILVA@brightleaf.example ") is not None
    )


def test_a_form_the_workspace_does_not_follow_starts_nothing():
    crm = MemoryCrm(entries=[a_form_entry(form_id="form-jobs")])
    assert found(crm, form_id="form-jobs") is None
    assert crm.calls == []


@given(minutes=st.lists(st.integers(-1100, 60), max_size=6), announced=st.integers(-300, 30))
def test_whatever_was_submitted_the_choice_is_inside_the_window_and_the_nearest(minutes: list[int], announced: int):
    entries = [a_form_entry(submitted_at=at(minutes=one)) for one in minutes]
    jobs = every(MemoryCrm(entries=entries), occurred_at=at(minutes=announced))
    told = [(job.entry.submitted_at - MONDAY) // timedelta(minutes=1) for job in jobs]
    assert sorted(told) == sorted(one for one in minutes if announced - 24 * 60 <= one <= announced + 5)
    assert [abs(one - announced) for one in told] == sorted(abs(one - announced) for one in told)


@pytest.mark.parametrize(("given_form", "expected"), cases_of("trigger"))
def test_a_form_is_urgent_unless_it_only_signs_up(given_form: dict[str, Any], expected: dict[str, str]):
    kind, priority, reason = classify(a_form_entry(**given_form))
    assert {"kind": kind, "priority": priority} == expected
    assert reason.endswith(".")

"""What a form submission says, whatever its fields are called."""

import pytest

from shared.domain.submission import FormField
from tests.builders import a_form_entry


def test_a_field_is_read_by_name_without_its_blanks():
    entry = a_form_entry(fields={"jobtitle": "  Head of Marketing \n"})
    assert entry.field("jobtitle") == "Head of Marketing"
    assert entry.field("phone") == ""


def test_the_first_of_two_fields_with_one_name_counts():
    twice = (FormField(name="topic", value="Summit"), FormField(name="topic", value="Dinner"))
    assert a_form_entry(fields=twice).field("topic") == "Summit"


@pytest.mark.parametrize("name", ["message", "Comments", "HOW_CAN_WE_HELP", "project_description"])
def test_the_message_is_found_under_the_names_forms_use(name: str):
    assert a_form_entry(fields={"company": "Brightleaf", name: " A summit in May. "}).message == "A summit in May."


def test_an_empty_answer_is_no_message_and_the_next_one_counts():
    assert a_form_entry(fields={"message": "  ", "question": "Prices?"}).message == "Prices?"


def test_a_form_without_room_for_words_has_no_message():
    assert a_form_entry(fields={"company": "Brightleaf"}).message == ""


@pytest.mark.parametrize("heading", ["First Name", "first name", "First_name", "FIRSTNAME", "firstname"])
def test_a_column_may_be_headed_as_spreadsheets_do(heading: str) -> None:
    assert a_form_entry(fields={heading: " Ana "}).field("firstname") == "Ana"


def test_the_name_as_it_is_meant_comes_before_one_that_is_spelled_alike() -> None:
    assert a_form_entry(fields={"First Name": "Bea", "firstname": "Ana"}).field("firstname") == "Ana"
    assert a_form_entry(fields={"First Name": "Bea", "firstname": " "}).field("firstname") == "Bea"


def test_words_under_a_heading_with_blanks_are_a_message() -> None:
    assert a_form_entry(fields={"How can we help?": "Seats?"}).message == "Seats?"

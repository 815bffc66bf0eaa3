"""Filling in a form from the command line: fields, which form, and who else fills in forms in a demo."""

import pytest

from infra.cli.failures import ExitCode, Failure
from infra.cli.submitting import fields_from, form_named, listened_to
from infra.cli.visitors import submissions

FORMS = [{"id": "5f-demo", "name": "Request a demo"}, {"id": "5f-guide", "name": "Download the guide"}, {"id": "5f", "name": "Old"}]
SEEDED = [
    {"form": "f1", "shape": "workflow", "fields": {"email": "a@b.example"}},
    {"form": "f2", "shape": "subscription", "fields": {"email": "c@d.example"}},
]


def test_fields_are_given_as_name_and_value() -> None:
    given = fields_from(["message=2 + 2 = 4?", "company= Acme"], email="a@b.example")

    assert given == {"email": "a@b.example", "message": "2 + 2 = 4?", "company": " Acme"}


@pytest.mark.parametrize("pair", ["message", "=value", " =x"])
def test_a_field_without_a_name_is_refused_with_an_example(pair: str) -> None:
    with pytest.raises(Failure) as caught:
        fields_from([pair], email="a@b.example")

    assert caught.value.code is ExitCode.USAGE
    assert "--field message=" in caught.value.fix


@pytest.mark.parametrize(
    ("wanted", "found"), [("", "5f-demo"), ("5f-guide", "5f-guide"), ("GUIDE", "5f-guide"), ("5f", "5f"), ("request", "5f-demo")]
)
def test_a_form_is_named_by_its_id_or_a_word_of_it(wanted: str, found: str) -> None:
    assert form_named(wanted, FORMS)["id"] == found


@pytest.mark.parametrize("wanted", ["pricing", "d"])
def test_an_unknown_or_ambiguous_form_is_answered_with_the_known_ones(wanted: str) -> None:
    with pytest.raises(Failure) as caught:
        form_named(wanted, FORMS)

    assert all(form["name"] in caught.value.fix for form in FORMS)


def test_a_hubspot_without_forms_says_why() -> None:
    with pytest.raises(Failure, match="no forms"):
        form_named("", [])


def test_the_seeded_visitors_come_first_and_everybody_has_an_address_of_their_own() -> None:
    assert submissions(SEEDED, 1) == SEEDED[:1]
    crowd = submissions(SEEDED, 50)
    assert crowd[:2] == SEEDED
    assert len({one["fields"]["email"] for one in crowd}) == 50
    assert all(one["fields"]["email"].endswith(".example") for one in crowd)
    assert {one["form"] for one in crowd} == {"f1", "f2"}


def test_a_form_nobody_would_be_told_of_is_not_waited_for() -> None:
    portal = {"service": "hubspot", "account": "44", "state": "not connected", "fix": "`sdr connect-hubspot`"}

    with pytest.raises(Failure, match="HubSpot 44 is not connected") as caught:
        listened_to([portal, {**portal, "service": "google", "state": "connected"}])

    assert caught.value.fix == "`sdr connect-hubspot`"
    listened_to([{**portal, "state": "connected"}])

"""Rows of an import: which become submissions, and why the others do not, without a word of theirs."""

import json
from typing import Any

import pytest

from shared.domain.import_rows import LONGEST_ROW, LONGEST_VALUE, Accepted, Refused, checked
from shared.domain.tables import table_from
from tests.builders import MONDAY, at

FORM = "Trade show Oslo"


def rows(*objects: dict[str, Any], form: str = FORM, now: Any = MONDAY) -> tuple[list[Accepted], list[Refused]]:
    return checked(table_from(json.dumps(list(objects)).encode()), form=form, now=now)


def refusal(**row: Any) -> Refused:
    accepted, [refused] = rows(row)
    assert not accepted
    return refused


def test_a_row_is_a_submission_of_the_list_with_its_columns_as_fields():
    [one], _ = rows({"Email": " ANA@b.example ", "firstname": "Ana ", "empty": "", "submitted_at": "2026-11-20T10:00:00+02:00"})
    entry = one.entry
    assert (one.row, entry.email, entry.form_id, entry.form_name, entry.imported) == (2, "ana@b.example", FORM, FORM, True)
    assert (entry.submitted_at, entry.key) == (at(days=-3, hours=-1), "")
    assert [(field.name, field.value) for field in entry.fields] == [("email", "ana@b.example"), ("firstname", "Ana")]


@pytest.mark.parametrize("moment", ["1795424400000", "2026-11-23T09:00:00", "2026-11-23T09:00:00Z", "2026-11-23 10:00:00+01:00"])
def test_moments_are_read_as_people_and_machines_write_them(moment: str):
    [one], _ = rows({"email": "a@b.example", "submittedAt": moment})
    assert one.entry.submitted_at == MONDAY


def test_a_row_without_a_moment_is_told_from_others_by_what_it_says():
    def key(now: Any = MONDAY, **row: str) -> str:
        [one], _ = rows({"email": "a@b.example", **row}, now=now)
        return one.entry.key

    assert key(a="1", b="2") == key(b="2", a="1") == key(now=at(days=9), a="1", b="2", c="") != key(a="2", b="1")
    assert key(a="1b", b="2") != key(a="1", b="b2")


@pytest.mark.parametrize(
    "email",
    [
        "a@b.example", "first.last+tag@sub.b-c.example", "o'brien@b.example", "x@xn--mnchen-3ya.example", f"{'a' * 64}@b.example",
        "1@2.example",
    ],
)  # fmt: skip
def test_addresses_people_have_are_accepted(email: str):
    assert rows({"email": email})[0]


@pytest.mark.parametrize(
    "email",
    [
        "ana", "@b.example", "a@", "a@b", "a b@c.example", "a@b..example", ".a@b.example", "a.@b.example", "a@-b.example", "a@b-.example",
        "a@b.example\nBcc: x@y.example", "a@b.example\r\nSubject: hi", "a@b.example,c@d.example", "Ana <a@b.example>", "a@b_c.example",
        "=cmd|'/C calc'!A0", f"{'a' * 65}@b.example", f"a@{'b' * 64}.example", f"a@{'b.' * 150}example", "a@b.example\u202e",
        "a@[127.0.0.1]",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_being_repeated(email: str):
    refused = refusal(email=email)
    assert (refused.row, refused.column, refused.reason) == (2, "email", "not an e-mail address")
    assert email not in refused.reason + refused.fix


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({"email": "", "x": "y"}, "email", "empty"),
        ({"email": "canary@sales-agent.invalid"}, "email", "an address nobody can have"),
        ({"email": "a@b.example", "m": "x" * (LONGEST_VALUE + 1)}, "m", "longer than 10000 characters"),
        ({"email": "a@b.example", "m": "\x1b[2J"}, "m", "holds a control character"),
        ({"email": "a@b.example", "m": "half \ud83d"}, "m", "holds a control character"),
        ({"email": "a@b.example", "submitted_at": "last week"}, "submitted_at", "not a moment"),
        ({"email": "a@b.example", "submitted_at": "2027-01-01"}, "submitted_at", "not between 1970 and now"),
        ({"email": "a@b.example", "submitted_at": "0001-01-01"}, "submitted_at", "not between 1970 and now"),
        ({"email": "a@b.example", **{f"c{n}": "x" * (LONGEST_VALUE - 1) for n in range(5)}}, "", f"longer than {LONGEST_ROW} characters"),
    ],
)
def test_a_row_that_cannot_be_used_says_where_and_why(row: dict[str, str], column: str, reason: str):
    refused = refusal(**row)
    assert (refused.column, reason in refused.reason, bool(refused.fix)) == (column, True, True)


def test_a_row_with_too_few_or_too_many_cells_is_refused_and_the_others_are_not():
    accepted, refused = checked(table_from(b"email,m\na@b.example\nb@b.example,x,y\nc@b.example,z\n"), form=FORM, now=MONDAY)
    assert [one.row for one in accepted] == [4]
    assert [(one.row, one.reason) for one in refused] == [(2, "1 cells, the header has 2"), (3, "3 cells, the header has 2")]


def test_a_domain_beyond_ascii_is_refused_before_hubspot_does() -> None:
    refused = refusal(email="x@münchen.example")
    assert (refused.column, refused.reason) == ("email", "a domain that HubSpot does not take")
    assert "xn--" in refused.fix


def test_one_row_a_contact():
    accepted, [refused] = rows({"email": "a@b.example", "m": "1"}, {"email": "A@b.example", "m": "2"})
    assert len(accepted) == 1
    assert (refused.row, refused.reason) == (3, "the same address as in row 2")

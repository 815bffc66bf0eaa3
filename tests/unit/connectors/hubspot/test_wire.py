"""What is kept of HubSpot's answers: enough for anybody to read, never more than a document of the store can hold."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.connectors.hubspot.wire import CONTACT_PROPERTIES, FormRow, ObjectRow, SubmissionRow, contact_from, entry_from
from shared.domain.submission import FormEntry
from tests.builders import WORKSPACE

MOMENTS = {"createdAt": "2026-11-01T00:00:00Z", "updatedAt": "2026-11-01T00:00:00Z"}


def entry_of(values: list[dict[str, Any]], **more: Any) -> FormEntry:
    email = {"name": "email", "value": "ana.silva@brightleaf.example"}
    row = SubmissionRow.model_validate({"submittedAt": 1_795_424_400_000, "values": [*values, email], **more})
    found = entry_from(row, form=FormRow(id="form-demo"))
    assert found is not None
    return found


@given(st.lists(st.integers(0, 30_000), max_size=150))
def test_a_form_of_any_length_is_kept_in_order_and_within_bounds(lengths: list[int]):
    fields = entry_of([{"name": f"q{number}", "value": "x" * length} for number, length in enumerate(lengths)]).fields
    kept = [len(one.value) for one in fields if one.name != "email"]
    assert all(size <= min(given, 10_000) for size, given in zip(kept, lengths, strict=False))
    assert sum(kept) <= 40_000
    assert len(fields) <= 100
    assert kept == lengths[: len(kept)] or max(lengths) > 10_000 or sum(lengths) > 40_000


def test_the_address_counts_wherever_it_stands():
    found = entry_of([{"name": f"q{number}", "value": "x" * 10_000} for number in range(200)])
    assert found.email == "ana.silva@brightleaf.example"


def test_long_names_of_questions_and_pages_are_cut():
    found = entry_of([{"name": "n" * 300, "value": "yes"}], pageUrl="https://tidewater.example/" + "p" * 5000)
    assert (len(found.fields[0].name), len(found.page_url)) == (100, 2000)


def test_a_long_property_is_cut_and_the_list_of_merged_records_is_not():
    merged = ";".join(str(number) for number in range(1000))
    row = {
        "id": "51",
        "properties": {"email": "ana@brightleaf.example", "firstname": "A" * 60_000, "hs_merged_object_ids": merged},
        "createdAt": "2026-11-01T00:00:00Z",
        "updatedAt": "2026-11-01T00:00:00Z",
    }
    found = contact_from(ObjectRow.model_validate(row), workspace_id=WORKSPACE)
    assert (len(found.first_name), len(found.merged_from)) == (500, 1000)


def test_whoever_has_unsubscribed_in_hubspot_is_known_to_have():
    def opted_out(told: str | None) -> bool:
        row = {"id": "51", "properties": {"email": "ana@brightleaf.example", "hs_email_optout": told}, **MOMENTS}
        return contact_from(ObjectRow.model_validate(row), workspace_id=WORKSPACE).opted_out

    assert [opted_out(one) for one in ("true", "True", "false", "", None)] == [True, True, False, False, False]
    assert "hs_email_optout" in CONTACT_PROPERTIES

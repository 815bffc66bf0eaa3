"""Real payloads from ../shared/data/api_payloads: each parses in the shape it has, or is refused with the field named."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.connectors.hubspot.webhooks import parse_webhook
from shared.connectors.hubspot.wire import (
    AssociationRow,
    Batch,
    ErrorBody,
    FormRow,
    ObjectPage,
    ObjectRow,
    SubmissionRow,
    contact_from,
    entry_from,
)
from shared.domain.ids import WorkspaceId
from shared.ports.errors import Rejected

FILES = Path(__file__).resolve().parents[5] / "shared/data/api_payloads/files"
SAMPLES = sorted(FILES.glob("*hubspot-*.json"))
HERE = WorkspaceId("northwind")

pytestmark = pytest.mark.skipif(not SAMPLES, reason="../shared/data/api_payloads is not here")


def sample(name):
    return json.loads((FILES / f"{name}.json").read_text())


@pytest.mark.parametrize("name", ["hubspot-contact-nulls", "hubspot-contact-property-history"])
def test_contacts_become_contacts_with_every_null_an_empty_text(name):
    row = ObjectRow.model_validate(sample(name))
    contact = contact_from(row, workspace_id=HERE)
    assert contact.id == row.id
    assert contact.created_at is not None


@pytest.mark.parametrize(
    "name",
    [
        "search-contacts-1-first-page",
        "search-contacts-2-second-page",
        "read-via-search-contacts-response",
        "read-objects-api-contacts-response",
    ],
)
def test_pages_of_contacts_are_read_with_their_cursor(name):
    data = sample(f"amp-hubspot-{name}")
    page = ObjectPage.model_validate(data)
    assert len(page.results) == len(data["results"])
    assert (page.after is not None) == ("paging" in data)


@pytest.mark.parametrize(
    "name",
    [
        "batch-create-contacts-success",
        "batch-create-contacts-err-partial-success",
        "batch-update-contacts-success",
        "batch-update-contacts-err-partial-success",
        "read-objects-api-contacts-batch",
    ],
)
def test_batches_are_read_with_what_failed(name):
    data = sample(f"amp-hubspot-{name}")
    batch = Batch.model_validate(data)
    assert len(batch.errors) == data.get("numErrors", 0)


def test_associated_ids_may_be_numbers():
    rows = sample("amp-hubspot-search-contacts-contacts-to-companies")["results"][0]["to"]
    assert [AssociationRow.model_validate(row).to_object_id for row in rows] == ["29022297485"]


@pytest.mark.parametrize(
    "path", [path for path in SAMPLES if "-err" in path.name and "partial" not in path.name], ids=lambda path: path.stem
)
def test_every_refusal_has_a_message_and_its_category(path):
    body = json.loads(path.read_text())
    error = ErrorBody.model_validate(body)
    assert error.message == body.get("message", "")
    assert error.category == body.get("category", "")


def test_a_submission_becomes_an_entry():
    entry = entry_from(SubmissionRow.model_validate(sample("hubspot-form-submission")), form=FormRow(id="form-a", name="Demo"))
    assert entry is not None
    assert (entry.email, entry.form_name, entry.page_url != "") == ("test@sample.com", "Demo", True)


def test_form_definitions_are_read():
    assert FormRow.model_validate(sample("amp-hubspot-read-marketing-forms")["results"][0]).name == "Tell me about yourself"


@pytest.mark.parametrize(("name", "hints"), [("creation-docs", 1), ("creation-live", 1), ("propertychange", 0)])
def test_received_webhooks_become_hints_or_are_ignored(name, hints):
    parsed = parse_webhook((FILES / f"hubspot-webhook-contact-{name}.json").read_bytes())
    assert (len(parsed.hints), len(parsed.ignored)) == (hints, 1 - hints)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_sent_to_the_webhook_is_understood_or_refused_by_name(path):
    if "webhook" in path.name:
        parsed = parse_webhook(path.read_bytes())
        assert parsed.hints or parsed.ignored
    else:
        with pytest.raises(Rejected) as refused:
            parse_webhook(path.read_bytes())
        assert refused.value.field


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_read_as_an_object_parses_or_names_the_field(path):
    data = json.loads(path.read_text())
    if isinstance(data, dict) and "id" in data and isinstance(data.get("properties"), dict):
        assert ObjectRow.model_validate(data).id == data["id"]
    else:
        with pytest.raises(ValidationError) as refused:
            ObjectRow.model_validate(data)
        assert all(one["loc"] for one in refused.value.errors()) == isinstance(data, dict)

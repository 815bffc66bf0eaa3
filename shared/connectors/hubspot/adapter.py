"""The CRM port on HubSpot, for one workspace. Built by wiring."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from shared.connectors.hubspot.client import BATCH_SIZE, HubSpotClient
from shared.connectors.hubspot.failures import AlreadyExists
from shared.connectors.hubspot.wire import (
    COMPANY_PROPERTIES,
    CONTACT_PROPERTIES,
    DEAL_PROPERTIES,
    FormRow,
    company_from,
    contact_from,
    deal_from,
    entry_from,
)
from shared.domain.crm_entry import NoteText, TaskText
from shared.domain.ids import WorkspaceId
from shared.domain.people import Company, Contact, Deal
from shared.domain.submission import Form, FormEntry
from shared.ports.crm import SubmissionPage
from shared.ports.errors import NotFound, OutcomeUnknown, Permanent, Transient

NOTE_TO_CONTACT, TASK_TO_CONTACT = 202, 204
OWNER = "hubspot_owner_id"
MOST_ACTIVITIES, MOST_DEALS = 3 * BATCH_SIZE, BATCH_SIZE
"""How far back a marker is looked for among a contact's activities, newest first; how many deals are told."""


class HubSpotCrm:
    def __init__(self, *, client: HubSpotClient, workspace_id: WorkspaceId, portal_id: str, app_url: str) -> None:
        self._client, self._workspace_id = client, workspace_id
        self._portal_id, self._app_url = portal_id, app_url.rstrip("/")
        self._forms: dict[str, FormRow] = {}

    def contact(self, *, contact_id: str) -> Contact | None:
        return self._contact(contact_id)

    def contact_by_email(self, *, email: str) -> Contact | None:
        return self._contact(email.strip().lower(), id_property="email")

    def create_contact(self, *, email: str, properties: Mapping[str, str]) -> Contact:
        try:
            row = self._client.create_object("contacts", {**properties, "email": email})
        except AlreadyExists as error:
            known = self._contact(error.existing_id) if error.existing_id else self.contact_by_email(email=email)
            if known is None:
                raise
            return known
        except OutcomeUnknown as error:
            raise _repeatable(error) from error
        return contact_from(row, workspace_id=self._workspace_id)

    def company(self, *, company_id: str) -> Company | None:
        try:
            row = self._client.get_object("companies", company_id, properties=COMPANY_PROPERTIES)
        except NotFound:
            return None
        return company_from(row, workspace_id=self._workspace_id)

    def company_by_domain(self, *, domain: str) -> Company | None:
        """The oldest one: HubSpot allows several with the same domain."""
        rule = {"propertyName": "domain", "operator": "EQ", "value": domain.strip().lower()}
        rows = self._client.search_objects("companies", [rule], properties=COMPANY_PROPERTIES, limit=1)
        return company_from(rows[0], workspace_id=self._workspace_id) if rows else None

    def deals_of_contact(self, *, contact_id: str) -> Sequence[Deal]:
        ids = _newest_first(self._client.associated_ids("contacts", contact_id, "deals"))[:MOST_DEALS]
        rows = self._client.read_objects("deals", ids, properties=DEAL_PROPERTIES)
        return tuple(deal_from(row, workspace_id=self._workspace_id) for row in rows)

    def submissions(self, *, form_id: str, since: datetime) -> Sequence[FormEntry]:
        form = self._form(form_id)
        recent = takewhile(lambda row: row.moment >= since, self._client.submissions(form_id))
        entries = (entry_from(row, form=form) for row in recent)
        return tuple(entry for entry in entries if entry is not None)

    def submission_page(self, *, form_id: str, after: str = "") -> SubmissionPage:
        page, form = self._client.submission_page(form_id, after=after), self._form(form_id)
        entries = (entry_from(row, form=form) for row in page.results)
        told = tuple(entry for entry in entries if entry is not None)
        return SubmissionPage(told, min((row.moment for row in page.results), default=None), page.after or "")

    def forms(self) -> Sequence[Form]:
        rows = tuple(self._client.forms())
        self._forms |= {row.id: row for row in rows}
        return tuple(Form(id=row.id, name=row.name) for row in rows)

    def write_note(self, *, contact_id: str, note: NoteText) -> str:
        properties = {"hs_timestamp": _iso(note.at), "hs_note_body": _with_marker(note.body, note.marker)}
        return self._write_once("notes", "hs_note_body", note.marker, contact_id, properties, NOTE_TO_CONTACT)

    def write_task(self, *, contact_id: str, task: TaskText) -> str:
        """For nobody when HubSpot refuses the owner: who has left the company must not take the task along."""
        properties = {
            "hs_timestamp": _iso(task.due_at),
            "hs_task_subject": task.subject,
            "hs_task_body": _with_marker(task.body, task.marker),
            "hs_task_status": "NOT_STARTED",
            "hs_task_type": "TODO",
            "hs_task_priority": task.priority,
        }
        owned = {**properties, OWNER: task.owner_id} if task.owner_id else properties
        try:
            return self._write_once("tasks", "hs_task_body", task.marker, contact_id, owned, TASK_TO_CONTACT)
        except Permanent as error:
            if owned is properties or OWNER not in error.raw:
                raise
        return self._write_once("tasks", "hs_task_body", task.marker, contact_id, properties, TASK_TO_CONTACT)

    def update_contact(self, *, contact_id: str, properties: Mapping[str, str]) -> None:
        if properties:
            self._client.update_object("contacts", contact_id, properties)

    def record_url(self, *, contact_id: str) -> str:
        return f"{self._app_url}/contacts/{self._portal_id}/record/0-1/{contact_id}"

    def _contact(self, key: str, *, id_property: str = "") -> Contact | None:
        try:
            row = self._client.get_object("contacts", key, properties=CONTACT_PROPERTIES, id_property=id_property)
        except NotFound:
            return None
        return contact_from(row, workspace_id=self._workspace_id)

    def _form(self, form_id: str) -> FormRow:
        """Its name, asked once per process; forms of other types have submissions but no definition here."""
        if form_id not in self._forms:
            try:
                self._forms[form_id] = self._client.form(form_id)
            except NotFound:
                self._forms[form_id] = FormRow(id=form_id)
        return self._forms[form_id]

    def _write_once(self, kind: str, field: str, marker: str, contact_id: str, properties: Mapping[str, str], type_id: int) -> str:
        """Look for the marker, else create. OutcomeUnknown stays so: HubSpot may still be at work, and looking at once would miss it."""
        present = self._marked(kind, field, marker, contact_id)
        if present is not None:
            return present
        link: dict[str, Any] = {
            "to": {"id": contact_id},
            "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}],
        }
        return self._client.create_object(kind, properties, associations=[link]).id

    def _marked(self, kind: str, field: str, marker: str, contact_id: str) -> str | None:
        """By association and batch read, which see every write at once; search would not."""
        try:
            ids = _newest_first(self._client.associated_ids("contacts", contact_id, kind))[:MOST_ACTIVITIES]
        except NotFound as error:
            raise NotFound(f"contact {contact_id} has been deleted in HubSpot", source=error.source, raw=error.raw) from error
        rows = self._client.read_objects(kind, ids, properties=(field,))
        return next((row.id for row in rows if marker in row.value(field)), None)


def _repeatable(error: OutcomeUnknown) -> Transient:
    """Nothing is lost or doubled by coming again: an address belongs to one contact."""
    return Transient(error.detail, source=error.source, raw=error.raw)


def _newest_first(ids: Sequence[str]) -> list[str]:
    """Ids grow with time."""
    return sorted(dict.fromkeys(ids), key=lambda one: (len(one), one), reverse=True)


def _with_marker(body: str, marker: str) -> str:
    return body if marker in body else f"{body}\n{marker}"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

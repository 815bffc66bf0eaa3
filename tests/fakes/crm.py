"""A CRM in memory: records by id, submissions by form, and everything that was written."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.domain.crm_entry import NoteText, TaskText
from shared.domain.people import Company, Contact, Deal
from shared.domain.submission import Form, FormEntry
from shared.domain.workspace import Workspace
from shared.ports.crm import SubmissionPage
from shared.ports.errors import NotFound, SalesAgentError
from tests.builders import WORKSPACE


class MemoryCrm:
    """`calls` names every method used, in order. `page_size` submissions make a page; a form in `troubles` answers with that error."""

    def __init__(
        self,
        *,
        contacts: Sequence[Contact] = (),
        companies: Sequence[Company] = (),
        deals: Mapping[str, Sequence[Deal]] | None = None,
        entries: Sequence[FormEntry] = (),
    ) -> None:
        self.contacts = list(contacts)
        self.companies = list(companies)
        self.deals = dict(deals or {})
        self.entries = list(entries)
        self.created: list[tuple[str, dict[str, str]]] = []
        self.notes: dict[str, tuple[str, NoteText]] = {}
        self.tasks: dict[str, tuple[str, TaskText]] = {}
        self.updates: list[tuple[str, dict[str, str]]] = []
        self.calls: list[str] = []
        self.page_size = 50
        self.form_ids: list[str] = []
        self.troubles: dict[str, SalesAgentError] = {}

    def of(self, workspace: Workspace) -> "MemoryCrm":
        """As CrmOf: the same portal for every workspace."""
        return self

    def contact(self, *, contact_id: str) -> Contact | None:
        self.calls.append("contact")
        return next((one for one in self.contacts if contact_id == one.id or contact_id in one.merged_from), None)

    def contact_by_email(self, *, email: str) -> Contact | None:
        self.calls.append("contact_by_email")
        return next((one for one in self.contacts if email.lower() in one.addresses), None)

    def create_contact(self, *, email: str, properties: Mapping[str, str]) -> Contact:
        self.calls.append("create_contact")
        known = next((one for one in self.contacts if one.email.lower() == email.lower()), None)
        if known:
            return known
        self.created.append((email, dict(properties)))
        names = {"firstname": "first_name", "lastname": "last_name", "jobtitle": "job_title", "phone": "phone", "country": "country"}
        told = {names[name]: value for name, value in properties.items() if name in names}
        made = Contact(id=f"new-{len(self.created)}", workspace_id=WORKSPACE, email=email, **told)
        self.contacts.append(made)
        return made

    def company(self, *, company_id: str) -> Company | None:
        self.calls.append("company")
        return next((one for one in self.companies if one.id == company_id), None)

    def company_by_domain(self, *, domain: str) -> Company | None:
        self.calls.append("company_by_domain")
        return next((one for one in self.companies if one.domain == domain), None)

    def deals_of_contact(self, *, contact_id: str) -> Sequence[Deal]:
        self.calls.append("deals_of_contact")
        return tuple(self.deals.get(contact_id, ()))

    def submissions(self, *, form_id: str, since: datetime) -> Sequence[FormEntry]:
        self.calls.append("submissions")
        found = [one for one in self.entries if one.form_id == form_id and one.submitted_at >= since]
        return sorted(found, key=lambda one: one.submitted_at, reverse=True)

    def submission_page(self, *, form_id: str, after: str = "") -> SubmissionPage:
        """Like HubSpot's, `after` is a position counted from the newest: what is new meanwhile moves the others back."""
        self.calls.append("submission_page")
        if form_id in self.troubles:
            raise self.troubles[form_id]
        if self.form_ids and form_id not in self.form_ids:
            raise NotFound(f"form {form_id} does not exist", source="hubspot")
        start = int(after or "0")
        found = self._newest_first(form_id)
        rows = found[start : start + self.page_size]
        following = str(start + self.page_size) if start + self.page_size < len(found) else ""
        return SubmissionPage(rows, rows[-1].submitted_at if rows else None, following)

    def forms(self) -> Sequence[Form]:
        self.calls.append("forms")
        if "forms" in self.troubles:
            raise self.troubles["forms"]
        return [Form(id=one) for one in self.form_ids or sorted({entry.form_id for entry in self.entries})]

    def _newest_first(self, form_id: str) -> list[FormEntry]:
        return sorted((one for one in self.entries if one.form_id == form_id), key=lambda one: one.submitted_at, reverse=True)

    def write_note(self, *, contact_id: str, note: NoteText) -> str:
        self.calls.append("write_note")
        self.notes.setdefault(note.marker, (contact_id, note))
        return f"note-{list(self.notes).index(note.marker) + 1}"

    def write_task(self, *, contact_id: str, task: TaskText) -> str:
        self.calls.append("write_task")
        self.tasks.setdefault(task.marker, (contact_id, task))
        return f"task-{list(self.tasks).index(task.marker) + 1}"

    def update_contact(self, *, contact_id: str, properties: Mapping[str, str]) -> None:
        self.calls.append("update_contact")
        self.updates.append((contact_id, dict(properties)))

    def record_url(self, *, contact_id: str) -> str:
        return f"https://app.hubspot.example/contacts/4242/record/0-1/{contact_id}"

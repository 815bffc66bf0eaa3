"""The CRM of one workspace."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.crm_entry import NoteText, TaskText
from shared.domain.people import Company, Contact, Deal
from shared.domain.submission import Form, FormEntry
from shared.domain.workspace import Workspace


@dataclass(frozen=True)
class SubmissionPage:
    """Submissions of a form, newest first. `oldest` counts those without an address too; `after` is empty on the last page."""

    entries: Sequence[FormEntry]
    oldest: datetime | None
    after: str = ""


class Crm(Protocol):
    """Reads raise NotFound where they promise a record, Transient when the vendor is out of reach, ReconnectNeeded on dead credentials."""

    def contact(self, *, contact_id: str) -> Contact | None:
        """Follows merges: the surviving record answers for the ids it absorbed."""

    def contact_by_email(self, *, email: str) -> Contact | None: ...

    def create_contact(self, *, email: str, properties: Mapping[str, str]) -> Contact:
        """The existing record when the address is already known."""

    def company(self, *, company_id: str) -> Company | None: ...

    def company_by_domain(self, *, domain: str) -> Company | None: ...

    def deals_of_contact(self, *, contact_id: str) -> Sequence[Deal]: ...

    def submissions(self, *, form_id: str, since: datetime) -> Sequence[FormEntry]:
        """Newest first, back to `since`, at most a few pages."""

    def submission_page(self, *, form_id: str, after: str = "") -> SubmissionPage:
        """One page, from the newest on. Raises NotFound for a form that is gone."""

    def forms(self) -> Sequence[Form]:
        """Every form of the portal, of whichever type."""

    def write_note(self, *, contact_id: str, note: NoteText) -> str:
        """The note's id; the id of the note that already carries the marker when there is one."""

    def write_task(self, *, contact_id: str, task: TaskText) -> str:
        """Like write_note."""

    def update_contact(self, *, contact_id: str, properties: Mapping[str, str]) -> None:
        """Only properties the workspace allows; the caller has filtered them."""

    def record_url(self, *, contact_id: str) -> str:
        """Where a person sees the contact."""


CrmOf = Callable[[Workspace], Crm]

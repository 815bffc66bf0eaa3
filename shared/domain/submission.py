"""A form submission, and the identity that makes three announcements of it one run."""

from datetime import datetime
from typing import ClassVar

from shared.domain.entity import Entity, Value
from shared.domain.ids import RunId, SubmissionId, WorkspaceId, derived_id


class FormField(Value):
    name: str
    value: str


class FormEntry(Value):
    """A submission as the CRM's forms API tells it."""

    form_id: str
    form_name: str = ""
    submitted_at: datetime
    email: str
    fields: tuple[FormField, ...] = ()
    page_url: str = ""

    def field(self, name: str) -> str:
        """The value of the first field with this name, stripped; empty when absent."""
        return next((one.value.strip() for one in self.fields if one.name == name), "")


class Submission(Entity):
    """`submissions/{id}`: created once, by whichever announcement came first; it names its run."""

    collection: ClassVar[str] = "submissions"

    portal_id: str
    entry: FormEntry
    run_id: RunId
    contact_id: str = ""


def submission_id(*, workspace_id: WorkspaceId, portal_id: str, form_id: str, email: str, submitted_at: datetime) -> SubmissionId:
    """Portal + form + e-mail + submittedAt (to the millisecond), never a vendor's event id."""
    moment = str(round(submitted_at.timestamp() * 1000))
    return SubmissionId(derived_id("submission", workspace_id, portal_id, form_id, email.strip().lower(), moment))


def run_id_for(submission: SubmissionId) -> RunId:
    return RunId("run_" + submission[:26])

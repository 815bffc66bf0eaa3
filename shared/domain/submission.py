"""A form submission, and the identity that makes three announcements of it one run."""

import re
from datetime import datetime
from functools import lru_cache
from typing import ClassVar

from shared.domain.entity import Entity, Value
from shared.domain.ids import RunId, SubmissionId, WorkspaceId, derived_id

MESSAGE_FIELDS = frozenset(
    "message messages comment comments question questions notes details inquiry enquiry request how_can_we_help "
    "how_can_we_help_you what_can_we_do_for_you project_description anything_else".split()
)
"""Names under which forms ask for a person's own words."""
CANARY_FORM = "sales-agent-canary"
"""The form of our own synthetic submissions; HubSpot's forms have other ids, and imports may not use it."""


class FormField(Value):
    name: str
    value: str


class Form(Value):
    """A form of the portal."""

    id: str
    name: str = ""


class FormEntry(Value):
    """A submission as the CRM's forms API tells it, or as a row of a table does."""

    form_id: str
    form_name: str = ""
    submitted_at: datetime
    email: str
    fields: tuple[FormField, ...] = ()
    page_url: str = ""
    imported: bool = False  # a row of somebody's table: the contact has not written to us with it
    key: str = ""  # stands for the moment in the identity of a submission whose moment nobody knows

    @property
    def synthetic(self) -> bool:
        """No person stands behind it: nothing may be created or placed for it."""
        return self.form_id == CANARY_FORM

    def field(self, name: str) -> str:
        """The value of the first field with this name, stripped; empty when absent. Tables may head a column `First Name`."""
        exact = next((one.value.strip() for one in self.fields if one.name == name), "")
        return exact or next((one.value.strip() for one in self.fields if _plain(one.name) == _plain(name) and one.value.strip()), "")

    @property
    def message(self) -> str:
        """What the person wrote in their own words; empty when the form has no such answer."""
        return next((one.value.strip() for one in self.fields if _plain(one.name) in _MESSAGE_FIELDS and one.value.strip()), "")


@lru_cache(maxsize=1024)
def _plain(name: str) -> str:
    """`First Name`, `first_name` and `firstname` are one."""
    return re.sub(r"[\W_]", "", name.lower())


_MESSAGE_FIELDS = frozenset(map(_plain, MESSAGE_FIELDS))


class Submission(Entity):
    """`submissions/{id}`: created once, by whichever announcement came first; it names its run."""

    collection: ClassVar[str] = "submissions"

    portal_id: str
    entry: FormEntry
    run_id: RunId
    contact_id: str = ""


def submission_id(*, workspace_id: WorkspaceId, portal_id: str, entry: FormEntry) -> SubmissionId:
    """Portal + form + e-mail + submittedAt (to the millisecond), never a vendor's event id."""
    moment = f"key/{entry.key}" if entry.key else str(round(entry.submitted_at.timestamp() * 1000))
    return SubmissionId(derived_id("submission", workspace_id, portal_id, entry.form_id, entry.email.strip().lower(), moment))


def run_id_for(submission: SubmissionId) -> RunId:
    return RunId("run_" + submission[:26])

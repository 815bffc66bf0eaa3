"""What a run leaves in the CRM: a note, a task, a few allow-listed properties."""

from datetime import datetime

from shared.domain.entity import Value


class NoteText(Value):
    """`marker` is a visible reference line; it is looked for before creating, so a repeat changes nothing."""

    body: str
    marker: str
    at: datetime


class TaskText(Value):
    subject: str
    body: str
    marker: str
    due_at: datetime
    priority: str  # "HIGH" | "MEDIUM" | "LOW"
    owner_id: str = ""


class CrmEntry(Value):
    """crm_hygiene's answer."""

    contact_id: str
    note: NoteText
    task: TaskText
    properties: dict[str, str] = {}


class CrmRecord(Value):
    """What was written."""

    note_id: str  # empty for a run that failed: it leaves a task alone
    task_id: str
    written_at: datetime

"""What a state change owes the rest of the pipeline: committed with the change, published after it, deleted once published."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.entity import Entity
from shared.domain.ids import TraceId, WorkspaceId


class Channel(StrEnum):
    EVENT = "event"  # a Pub/Sub topic
    TASK = "task"  # a Cloud Tasks queue


class Outgoing(Entity):
    """`outbox/{entity}-{transition}`: ids only, never bodies."""

    collection: ClassVar[str] = "outbox"

    channel: Channel
    destination: str  # topic or queue name
    payload: dict[str, str]
    trace_id: TraceId
    created_at: datetime
    not_before: datetime | None = None  # tasks only


class Topic(StrEnum):
    """Past-tense events."""

    LEAD_RECEIVED = "lead.received"
    LEAD_PLANNED = "lead.planned"
    DRAFT_WRITTEN = "draft.written"
    DRAFT_GATED = "draft.gated"
    DRAFT_PLACED = "draft.placed"


class Queue(StrEnum):
    CRM = "crm"
    POLL_FORMS = "poll-forms"
    CANARY = "canary"
    RELEASE_HOLDS = "release-holds"
    INDEX_DRIVE = "index-drive"
    SEND = "send"
    WRITE_DRAFT = "write-draft"
    REGENERATE = "regenerate"
    SYNC_MAILBOX = "sync-mailbox"
    TEND_SENDS = "tend-sends"
    RESUME_RUNS = "resume-runs"
    NOTIFY = "notify"


def owed_work(
    queue: Queue, work_id: str, *, workspace_id: WorkspaceId, at: datetime, trace_id: str, id: str = "", not_before: datetime | None = None
) -> Outgoing:
    """The task of a piece of work, named after it: once owed, never owed again. `id` where the work's own would not tell it apart."""
    return Outgoing(
        id=id or f"{workspace_id}-{work_id}",
        workspace_id=workspace_id,
        channel=Channel.TASK,
        destination=queue.value,
        payload={"workspace_id": workspace_id, "id": work_id},
        trace_id=TraceId(trace_id),
        created_at=at,
        not_before=not_before,
    )


QUEUE_WORKER = {
    Queue.CRM: "log_to_crm",
    Queue.POLL_FORMS: "poll_forms",
    Queue.CANARY: "canary",
    Queue.RELEASE_HOLDS: "release_holds",
    Queue.INDEX_DRIVE: "index_drive",
    Queue.SEND: "send",
    Queue.WRITE_DRAFT: "write_draft",
    Queue.REGENERATE: "regenerate",
    Queue.SYNC_MAILBOX: "sync_mailbox",
    Queue.TEND_SENDS: "tend_sends",
    Queue.RESUME_RUNS: "resume_runs",
    Queue.NOTIFY: "notify",
}
"""The function each queue calls."""


def address_of(function: str) -> str:
    """The URL path of a function: kebab-case."""
    return "/" + function.replace("_", "-")

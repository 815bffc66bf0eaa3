"""What the routes answer, as models: stored documents, some fields left out and some worked out. For functions/api/document.py alone."""

from datetime import datetime
from typing import Any, Literal

from functions.api.shapes import Answer, Items, page_of, shown
from functions.api.standing_answers import (
    Alive,
    DelegatedAccount,
    DelegationTerms,
    Dependency,
    Looked,
    Notices,
    ShownConnection,
    ShownMailbox,
    ShownMailSettings,
    ShownWorkspace,
    Status,
)
from shared.domain.agent_run import AgentRun
from shared.domain.assets import Asset, DriveIndex, FileEntry
from shared.domain.audit import AuditEntry
from shared.domain.audit_file import ExportPart
from shared.domain.canary_fate import Canary
from shared.domain.dead_letter import DeadLetter
from shared.domain.draft import Draft, DraftState, Revision
from shared.domain.engaged import Engagement
from shared.domain.hints import Hint, HintSource
from shared.domain.holds import Hold
from shared.domain.import_rows import Refused
from shared.domain.lawfulness import Ground
from shared.domain.policy import Policy
from shared.domain.polling import FormPolls
from shared.domain.preview import Change
from shared.domain.proof import Flaw
from shared.domain.run import Progress, Run
from shared.domain.sends import Send
from shared.domain.suppression import Suppression
from shared.stages.reading.drafts_and_sends import DRAFT_LINE, SEND_LINE
from shared.stages.reading.records import ASSET_LINE, EVENT_LINE, FILE_LINE, INDEX_SHOWN, RUN_LINE


class _OfRunLine(Answer):
    progress: Progress
    refused: str
    action: str | None


ModelCall = shown("ModelCall", AgentRun)


class _OfRun(Answer):
    progress: Progress
    refused: str
    step: str
    model_calls: list[ModelCall]  # type: ignore[valid-type]


class Announced(Answer):
    """An announcement that has led to no run (yet)."""

    id: str
    progress: Progress
    step: str
    reason: str
    history: list[str]
    created_at: datetime


class _OfEventLine(Answer):
    source: HintSource


class _OfDeadLetter(Answer):
    decided_by: str | None


class _OfIndex(Answer):
    folders: int


class _OfDraftLine(Answer):
    subject: str
    verdict: str | None
    risk: float | None
    url: str
    decided_by: str | None


class ShownRewriting(Answer):
    instruction: str
    at: datetime


class ShownSender(Answer):
    address: str
    name: str
    reply_to: str
    signature: str


class _OfDraft(Answer):
    """`fingerprint` goes back with an approval; `in_gmail` is the revision that stands there; `law` is as of now; `engagement` is of a
    tracked mail.
    """

    body: str
    fingerprint: str
    operator: str
    sender: ShownSender
    law: Ground | None
    decided_by: str | None
    revised_by: str | None
    in_gmail: int | None
    engagement: Engagement | None
    rewriting: ShownRewriting | None


class _OfRevision(Answer):
    body: str
    by: str | None


class ApprovedDraft(Answer):
    """`send_id` is null where the operator sends from Gmail."""

    id: str
    state: DraftState
    approval_id: str
    send_id: str | None
    due_at: datetime | None
    due_in_s: int | None


class NotApproved(Answer):
    """Why not."""

    id: str
    approved: Literal[False]
    reasons: list[str]


class ApprovedAmongMany(ApprovedDraft):
    approved: Literal[True]
    reasons: list[str]


class AskedAnew(Answer):
    id: str
    state: DraftState
    revision: int


class _OfPolicy(Answer):
    changed_by: str


class PolicyPreview(Answer):
    """Counts are of all decisions and mails since then, of which the newest are named."""

    based_on: int
    before: dict[str, Any]
    after: dict[str, Any]
    since: datetime
    complete: bool
    decisions: int
    refused: int
    refused_by_rule: dict[str, int]
    refused_decisions: list[Change]
    allowed: int
    allowed_by_rule: dict[str, int]
    allowed_decisions: list[Change]
    sends: int
    waited: dict[str, int]
    waited_now: dict[str, int]
    auto_approval: dict[str, Any]
    auto_approval_now: dict[str, Any]


class _OfSuppression(Answer):
    by: str
    erased: bool
    can_be_lifted: bool


class _OfReason(_OfSuppression):
    why: str


SuppressionLine = shown("SuppressionLine", Suppression, _OfSuppression)
SuppressionReason = shown("SuppressionReason", Suppression, _OfReason)


class SuppressionCheck(Answer):
    suppressed: bool
    because: list[SuppressionReason]  # type: ignore[valid-type]


class Lifted(Answer):
    """How many were taken back: those made with older keys count too."""

    lifted: int


class SuppressionImport(Answer):
    """`known`: rows about which as much or more stood there before."""

    dry_run: bool
    rows: int
    added: int
    known: int
    rejected: int
    rejected_rows: list[Refused]


class Forgotten(Answer):
    """What is gone, suppressions that have lost their clear text, and how much cannot go before a mail has left or a held time is free."""

    pieces: int
    suppressions: int
    drafts: int
    records: int
    left: int


class QuotaLine(Answer):
    of: str
    whose: str
    limit: str
    told: str
    allowed: int
    used: int
    resets_at: datetime | None
    zone: str


class AuditVerification(Answer):
    """A portion: go on with start= `next` until that is empty."""

    ok: bool
    flaws: list[Flaw]
    blocks: int
    entries: int
    since_block: int
    since: datetime | None
    next: str


WholeDraft = shown("WholeDraft", Draft, _OfDraft)
ShownPolicy = shown("ShownPolicy", Policy, _OfPolicy, without=("id",))
WholeRun = shown("WholeRun", Run, _OfRun)
ShownFile = shown("ShownFile", FileEntry, only=FILE_LINE)

ANSWERS: dict[str, Any] = {
    "Runs": page_of(shown("RunLine", Run, _OfRunLine, only=RUN_LINE)),
    "Run": WholeRun | Announced,
    "Events": page_of(shown("EventLine", Hint, _OfEventLine, only=EVENT_LINE)),
    "Event": shown("ShownEvent", Hint),
    "DeadLetters": page_of(shown("DeadLetterLine", DeadLetter, _OfDeadLetter, without=("payload", "attributes"))),
    "DeadLetter": shown("WholeDeadLetter", DeadLetter, _OfDeadLetter),
    "Connections": Items[ShownConnection],
    "Looked": Looked,
    "Notices": Notices,
    "DelegationTerms": DelegationTerms,
    "Delegated": DelegatedAccount,
    "Workspace": ShownWorkspace,
    "Mailboxes": Items[ShownMailbox],
    "Mailbox": ShownMailSettings,
    "Status": Status,
    "Live": Alive,
    "Dependencies": Items[Dependency],
    "Holds": page_of(shown("ShownHold", Hold)),
    "Assets": page_of(shown("AssetLine", Asset, ShownFile, only=ASSET_LINE)),
    "Index": shown("ShownIndex", DriveIndex, _OfIndex, only=INDEX_SHOWN),
    "Canary": shown("ShownCanary", Canary),
    "Polls": shown("ShownPolls", FormPolls),
    "Drafts": page_of(shown("DraftLine", Draft, _OfDraftLine, only=DRAFT_LINE)),
    "Draft": WholeDraft,
    "Revision": shown("ShownRevision", Revision, _OfRevision),
    "Approved": ApprovedDraft,
    "Approvals": Items[ApprovedAmongMany | NotApproved],
    "AskedAnew": AskedAnew,
    "Sends": page_of(shown("SendLine", Send, only=SEND_LINE)),
    "Send": shown("WholeSend", Send),
    "Policy": ShownPolicy,
    "Policies": page_of(ShownPolicy),
    "Preview": PolicyPreview,
    "Autonomy": dict[str, Any],
    "Suppressions": page_of(SuppressionLine),
    "Suppression": SuppressionLine,
    "Check": SuppressionCheck,
    "Lifted": Lifted,
    "Imported": SuppressionImport,
    "Forgotten": Forgotten,
    "Quotas": Items[QuotaLine],
    "Audit": page_of(shown("ShownAuditEntry", AuditEntry)),
    "AuditPart": ExportPart,
    "Verification": AuditVerification,
    "Document": dict[str, Any],
}

"""Evidence: the spans a draft may lean on. A claim without one is an invention."""

from datetime import datetime
from enum import StrEnum

from shared.domain.entity import Value
from shared.domain.ids import EvidenceId


class EvidenceKind(StrEnum):
    FORM = "form"  # a field of the submission
    CRM = "crm"  # a property of a record
    MESSAGE = "message"  # a span of a mail
    DOCUMENT = "document"  # a passage of a Drive file
    SLOT = "slot"  # an offered time
    PROFILE = "profile"  # the workspace's own facts: names, offers, the operator's signature
    STATE = "state"  # what the agent itself did or noticed


class Evidence(Value):
    """`text` is the exact span; `label` says in a salesperson's words where it is from; `source` is a stable reference."""

    id: EvidenceId
    kind: EvidenceKind
    label: str  # "Form field “message”", "Mail from Ana, 3 Nov"
    text: str
    source: str  # "hubspot:contacts/51#jobtitle", "gmail:threads/18c…/messages/18d…", "drive:files/1Ab…"
    url: str = ""
    at: datetime | None = None

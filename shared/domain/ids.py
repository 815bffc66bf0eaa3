"""Typed ids, and ids derived from what they identify so that the same event always names the same document."""

import hashlib
from typing import NewType

WorkspaceId = NewType("WorkspaceId", str)
HintId = NewType("HintId", str)
SubmissionId = NewType("SubmissionId", str)
RunId = NewType("RunId", str)
DraftId = NewType("DraftId", str)
ApprovalId = NewType("ApprovalId", str)
SendId = NewType("SendId", str)
ContactId = NewType("ContactId", str)
CompanyId = NewType("CompanyId", str)
OperatorId = NewType("OperatorId", str)
EvidenceId = NewType("EvidenceId", str)
TraceId = NewType("TraceId", str)


def derived_id(*parts: str) -> str:
    """32 hex characters that depend on every part and on where one part ends and the next begins."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "big"))
        digest.update(encoded)
    return digest.hexdigest()[:32]

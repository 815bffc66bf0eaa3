"""The gate's answer to a draft, in words a salesperson uses."""

from datetime import datetime
from enum import StrEnum

from shared.domain.entity import Value


class Outcome(StrEnum):
    PASS = "PASS"
    WARN = "WARN"
    FAIL = "FAIL"


class Severity(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Violation(Value):
    """One thing found. `check` names the check, `quote` the words it is about."""

    check: str
    outcome: Outcome  # WARN or FAIL
    severity: Severity
    reason: str
    suggestion: str
    quote: str = ""


class Verdict(Value):
    """quality_gate's answer."""

    outcome: Outcome
    risk: int  # 0-100
    violations: tuple[Violation, ...]
    suggestions: tuple[str, ...]
    send_allowed: bool
    approval_required: bool
    judged_at: datetime
    gate_version: str

"""How checks say what they found: a violation in a salesperson's words, with the fix."""

from shared.domain.verdict import Outcome, Severity, Violation

LONGEST_QUOTE = 160


def fail(check: str, *, reason: str, suggestion: str, quote: str = "", severity: Severity = Severity.HIGH) -> Violation:
    """Stops the draft."""
    return _violation(check, Outcome.FAIL, severity, reason, suggestion, quote)


def warn(check: str, *, reason: str, suggestion: str, quote: str = "", severity: Severity = Severity.MEDIUM) -> Violation:
    """Lets the draft pass, with a word to the person who approves it."""
    return _violation(check, Outcome.WARN, severity, reason, suggestion, quote)


def masked(secret: str) -> str:
    """Enough to find it, too little to use it."""
    return "…" + secret[-4:]


def _violation(check: str, outcome: Outcome, severity: Severity, reason: str, suggestion: str, quote: str) -> Violation:
    shown = " ".join(quote[: 4 * LONGEST_QUOTE].split())[:LONGEST_QUOTE]
    return Violation(check=check, outcome=outcome, severity=severity, reason=reason, suggestion=suggestion, quote=shown)

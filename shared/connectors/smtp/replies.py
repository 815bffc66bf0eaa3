"""What a mail server's answers mean, as the four families; one table for every phase. Used by the other modules of this connector."""

import re
import smtplib
from collections.abc import Callable
from typing import TypeVar

from shared.ports.errors import OutcomeUnknown, Permanent, ReconnectNeeded, SalesAgentError, Transient

T = TypeVar("T")
SOURCE = "smtp"
ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
ASKS_TO_SIGN_IN = frozenset({530, 534, 535, 538})
"""RFC 4954: the account, not the mail, is what has to be mended."""


def refused(code: int, text: bytes, *, what: str) -> SalesAgentError:
    """The server has taken nothing. `what` says in a few words what it refuses; whatever is no 4xx or 5xx is no answer of SMTP's."""
    told = text.decode("utf-8", "replace")
    enhanced = ENHANCED.search(told)
    detail = f"the mail server refuses {what}: {code}{' ' + enhanced.group(1) if enhanced else ''}"
    if code in ASKS_TO_SIGN_IN:
        return ReconnectNeeded(detail, source=SOURCE, raw=told)
    if 500 <= code < 600:
        return Permanent(detail, source=SOURCE, raw=told)
    return Transient(detail, source=SOURCE, raw=told)


def before_the_end(action: Callable[[], T], *, what: str) -> T:
    """A step before the last dot: when it is not answered, nothing has left."""
    try:
        return action()
    except smtplib.SMTPResponseException as error:
        raise refused(error.smtp_code, _bytes(error.smtp_error), what=what) from None
    except (OSError, ValueError) as error:  # smtplib's other exceptions are OSErrors
        raise Transient(f"the mail server gave no answer to {what} ({type(error).__name__})", source=SOURCE) from None


def after_the_dot(action: Callable[[], T]) -> T:
    """The last dot and what is said to it: without an answer nobody knows whether the server has taken the mail."""
    try:
        return action()
    except (OSError, ValueError) as error:
        raise OutcomeUnknown(f"the mail server gave no answer after the whole mail ({type(error).__name__})", source=SOURCE) from None


def _bytes(told: bytes | str) -> bytes:
    return told if isinstance(told, bytes) else told.encode("utf-8", "replace")

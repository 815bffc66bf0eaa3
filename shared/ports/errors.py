"""The four families every failure belongs to. Adapters map vendor errors into them; endpoints turn them into answers."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
REASON = re.compile("[A-Za-z]+(_[A-Za-z]+)*")
LONGEST_REASON = 60


def reason_word(told: object) -> str:
    """A vendor's name for a failure, such as `invalid_grant`, which may stand in a detail; empty for what could be anything else.

    A field that names a reason can hold what we have sent: a proxy, or a vendor's bug, repeats requests. Tokens have digits, bodies blanks.
    """
    word = told if isinstance(told, str) else ""
    return word if len(word) <= LONGEST_REASON and REASON.fullmatch(word) else ""


class SalesAgentError(Exception):
    """Base of the families. `detail` is safe to show and to log: no secrets, no bodies."""

    def __init__(self, detail: str, *, source: str = "", raw: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.source = source  # who said so: "hubspot", "gmail", "firestore", ...
        self.raw = raw[:500]  # the vendor's own words, kept for the operator


class Rejected(SalesAgentError):
    """Bad input. HTTP answers 4xx; a message is acknowledged and quarantined as a dead letter. `reasons`: when there are several.

    `kind` is one of shared/runtime/problems.py, for a status that means several things; `headers` go with the HTTP answer.
    """

    def __init__(
        self,
        detail: str,
        *,
        field: str = "",
        status: int = 400,
        kind: str = "",
        reasons: Sequence[str] = (),
        headers: Mapping[str, str] = NO_HEADERS,
        source: str = "",
        raw: str = "",
    ) -> None:
        super().__init__(detail, source=source, raw=raw)
        self.field = field
        self.status = status
        self.kind = kind
        self.reasons = tuple(reasons)
        self.headers = headers


class Permanent(SalesAgentError):
    """Will not get better by repeating. Recorded with its reason, acknowledged."""


class NotFound(Permanent):
    """The thing asked for does not exist (any more)."""


class ReconnectNeeded(Permanent):
    """Consent was revoked or the credentials are dead: the operator must connect the account again. Until then the run is paused."""


class SettingNeeded(ReconnectNeeded):
    """The workspace lacks what an administrator has to set: the run is paused until then, as for an account."""


class OperatorLeft(Permanent):
    """Whose work it is, is no operator of the workspace any more: nothing can be written or sent in their name."""


class Transient(SalesAgentError):
    """May work later: the delivery is refused and comes again with backoff. `retry_after` is the vendor's own wish."""

    def __init__(self, detail: str, *, retry_after: timedelta | None = None, source: str = "", raw: str = "") -> None:
        super().__init__(detail, source=source, raw=raw)
        self.retry_after = retry_after


class Unsearchable(Transient):
    """What would have to be searched cannot be now. A plan can be made without what it would have found."""


class Awaited(Transient):
    """What has been announced will come by itself in a while: no trouble, and not told as any."""


class Busy(Transient):
    """Another delivery holds the lease on this work."""


class OutcomeUnknown(SalesAgentError):
    """The call may have had its effect. Look before repeating; a send with this outcome is parked."""


class Conflict(SalesAgentError):
    """Somebody else changed the document first: a compare-and-set lost its race. A normal outcome that stages handle."""


class MalformedAnswer(SalesAgentError):
    """A model answered something that does not fit the schema it was given."""

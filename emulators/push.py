"""One request that an emulator makes by itself, and what came back; between the backlogs, delivering.py and holding.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Account:
    """The service account a request is signed for: an identity token for its audience, or an access token if it has a scope."""

    email: str
    audience: str = ""  # empty: the request's URL
    scope: str = ""


@dataclass(frozen=True)
class Push:
    """One HTTP request that is due. `ticket` tells the backlog what it was for; `route` is what delivery faults match."""

    ticket: str
    route: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    timeout_s: float
    account: Account | None = None


@dataclass(frozen=True)
class Answer:
    """What came back; no status when nobody answered in time. `excerpt` is the beginning of its text."""

    status: int | None
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    excerpt: str = ""

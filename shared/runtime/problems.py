"""What an endpoint answers when it cannot serve: RFC 9457 problems, each of a lasting kind. Used by the endpoint decorators."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as filled

from shared.ports.errors import Conflict, NotFound, OutcomeUnknown, Rejected, SalesAgentError, Transient
from shared.ports.requests import Reply

ADDRESS = "/api/docs#problem-"
"""A problem's type is this and its kind: the same path on every deployment, and there it is explained."""


@dataclass(frozen=True)
class Kind:
    """`title` is the same for every problem of the kind; `advice` says what whoever asked can do about it."""

    status: int
    title: str
    advice: str


KINDS: Mapping[str, Kind] = {
    "bad-request": Kind(400, "The request is not as it should be", "Mend what `detail` and `field` name, then ask again."),
    "unauthenticated": Kind(401, "Nobody knows who asks", "Send a token of the workspace, or an identity token of a Google account."),
    "forbidden": Kind(403, "Whoever asks may not do this", "Ask with a token of the role that `detail` names."),
    "not-found": Kind(404, "There is no such thing", "Look at the list; what belongs to another workspace does not exist for you."),
    "method-not-allowed": Kind(405, "The address takes other methods", "The header Allow names them."),
    "conflict": Kind(409, "Somebody else was first", "Read it again, and decide anew."),
    "under-way": Kind(409, "The first request with this key is still being served", "Repeat it after Retry-After seconds."),
    "too-large": Kind(413, "The request is too large", "Send it in parts."),
    "refused": Kind(422, "It cannot be done as things stand", "`detail` says what stands in the way; repeating changes nothing."),
    "key-reused": Kind(422, "The key belongs to another request", "Give every request a key of its own, and only its repeats the same."),
    "too-many-requests": Kind(429, "Too many requests", "Wait for Retry-After seconds."),
    "bug": Kind(500, "The function failed", "Tell whoever runs it; the log says where."),
    "not-now": Kind(503, "Not now", "Repeat it after Retry-After seconds, or a few if there is no such header."),
}
BY_STATUS: Mapping[int, str] = {one.status: name for name, one in reversed(list(KINDS.items()))}
"""What a status means when nothing more is said: the first of its kinds."""


@dataclass(frozen=True)
class Problem:
    """The members of RFC 9457, `field` and `reasons`; what is empty is left out."""

    status: int
    detail: str
    kind: str = ""
    field: str = ""
    reasons: tuple[str, ...] = ()
    headers: Mapping[str, str] = filled(default_factory=dict)

    @property
    def reply(self) -> Reply:
        kind = self.kind or BY_STATUS.get(self.status, "bad-request")
        told: dict[str, object] = {"type": f"{ADDRESS}{kind}", "title": KINDS[kind].title, "status": self.status, "detail": self.detail}
        more = {"field": self.field, "reasons": list(self.reasons)}
        return Reply(told | {name: value for name, value in more.items() if value}, status=self.status, headers=self.headers)


def problem_of(error: SalesAgentError) -> Reply:
    """The answer of each family of errors."""
    if isinstance(error, Rejected):
        return Problem(error.status, error.detail, error.kind, error.field, error.reasons, error.headers).reply
    if isinstance(error, NotFound):
        return Problem(404, error.detail).reply
    if isinstance(error, Conflict):
        return Problem(409, error.detail).reply
    if isinstance(error, Transient | OutcomeUnknown):
        wish = getattr(error, "retry_after", None)
        headers = {"Retry-After": str(max(1, round(wish.total_seconds())))} if wish else {}
        return Problem(503, "not now, please repeat", headers=headers).reply
    return Problem(422, error.detail).reply


def bug() -> Reply:
    """Says nothing of what went wrong: that is in the log."""
    return Problem(500, "the function failed").reply

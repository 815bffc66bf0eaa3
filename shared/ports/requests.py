"""What comes in and what goes out of an endpoint, free of any web framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from shared.domain.audit import Actor, ActorKind
from shared.domain.ids import WorkspaceId
from shared.domain.roles import Role

Body_co = TypeVar("Body_co", covariant=True)


@dataclass(frozen=True)
class Incoming:
    """A request as it arrived. `url` is the public one, query included: signatures are made over it."""

    method: str
    url: str
    path: str  # below the function's own address
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    peer: str = ""  # the address the connection came from: a proxy's, wherever there is one


@dataclass(frozen=True)
class Caller:
    """Who asked. Callers of the API have a role; `workspace_id` is known for them and for operators who have signed in."""

    name: str
    workspace_id: WorkspaceId | None = None
    role: Role | None = None
    kind: ActorKind = ActorKind.TOKEN

    @property
    def actor(self) -> Actor:
        """As what they decide is written down."""
        return Actor(kind=self.kind, id=self.name or "unnamed")


NOBODY = Caller(name="")
"""Before anybody has found out who asks."""


@dataclass(frozen=True)
class Reply:
    """A JSON answer; None answers with an empty body. `text` is sent as it is instead, with a Content-Type among the headers."""

    content: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None


@dataclass(frozen=True)
class Page:
    """An answer for a browser. `nonce` is what the scripts of this very page carry: no other script runs."""

    body: str | bytes = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    nonce: str = ""


@dataclass(frozen=True)
class Failed:
    """Why a page cannot be shown, in words that are safe to show. `incoming` is None for a request that could not be read."""

    status: int
    detail: str
    incoming: Incoming | None


@dataclass(frozen=True)
class Asked(Generic[Body_co]):
    """What an HTTP handler gets: the authenticated caller and the parsed body."""

    caller: Caller
    body: Body_co
    incoming: Incoming
    trace_id: str


class Authenticator(Protocol):
    def check(self, incoming: Incoming) -> Caller:
        """Raises Rejected with status 401 or 403."""


class BodyParser(Protocol[Body_co]):
    def parse(self, incoming: Incoming) -> Body_co:
        """Raises Rejected naming the field."""

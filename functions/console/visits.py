"""A request to a page: who looks, at which address, with which form. Used by every module of pages."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import parse_qs

from shared.domain.audit import Actor, ActorKind
from shared.domain.ids import OperatorId, WorkspaceId
from shared.domain.outbox import address_of
from shared.domain.roles import Role
from shared.domain.workspace import Operator, Workspace
from shared.ports.errors import Conflict, NotFound, Rejected
from shared.ports.requests import Incoming, Page
from shared.runtime.paths import matched
from shared.stages.reading.queue import View
from shared.wiring import ports

HERE = address_of("console")
MOST_FIELDS = 1000


@dataclass(frozen=True)
class Visitor:
    """The operator who looks, and the one workspace they see."""

    workspace: Workspace
    operator: Operator
    role: Role = Role.OPERATOR

    @property
    def workspace_id(self) -> WorkspaceId:
        return self.workspace.id

    @property
    def actor(self) -> Actor:
        return Actor(kind=ActorKind.PERSON, id=self.operator.id)

    @property
    def zone(self) -> str:
        return self.operator.hours.timezone

    def name_of(self, actor: Actor | None) -> str:
        """An operator by name; whatever else decided, as the audit calls it."""
        named = {one.id: one.name for one in self.workspace.operators}
        return named.get(OperatorId(actor.id), actor.label) if actor else ""


@dataclass(frozen=True)
class Visit:
    """One request. `nonce` is for the scripts of the page it gets."""

    incoming: Incoming
    parts: Mapping[str, str]
    trace_id: str
    nonce: str

    @cached_property
    def visitor(self) -> Visitor:
        """Rejected when nobody has signed in, or nobody who is an operator still."""
        caller = ports.operator_sign_in.check(self.incoming)
        workspace = ports.store.workspace(workspace_id=caller.workspace_id)
        try:
            return Visitor(workspace, workspace.operator(OperatorId(caller.name)), caller.role or Role.OPERATOR)
        except KeyError:
            raise Rejected("this account is no operator of the workspace any more", status=403) from None

    @cached_property
    def form(self) -> Mapping[str, list[str]]:
        try:
            return parse_qs(self.incoming.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            raise Rejected(f"a form of ours has at most {MOST_FIELDS} fields") from None

    def field(self, name: str) -> str:
        """The first value of a form's field; empty when there is none."""
        return self.form.get(name, [""])[0]

    @cached_property
    def now(self) -> datetime:
        moment: datetime = ports.clock.now()
        return moment

    @property
    def view(self) -> View:
        """The list it came from."""
        asked = self.incoming.query.get("view", "") or self.field("view")
        return View(asked) if asked in set(View) else View.DECIDE

    @property
    def by_script(self) -> bool:
        """The page's own script asked, and wants a few words instead of a page."""
        return "application/json" in self.incoming.headers.get("accept", "")


@dataclass(frozen=True)
class PageRoute:
    """`path` is relative to the function: "drafts/{id}". Whoever serves what belongs to a workspace asks the visit for its visitor."""

    method: str
    path: str
    handler: Callable[[Visit], Page]


def answered(routes: Iterable[PageRoute], incoming: Incoming, trace_id: str) -> Page:
    """NotFound for an address no route serves; Rejected for the wrong method."""
    method = "GET" if incoming.method == "HEAD" else incoming.method
    found = [(route, parts) for route in routes if (parts := matched(route.path, incoming.path.strip("/"))) is not None]
    for route, parts in found:
        if route.method == method:
            return _undisputed(route, Visit(incoming, parts, trace_id, ports.ids.new()))
    if found:
        raise Rejected("this address is not asked for like that", status=405)
    raise NotFound("there is no such page")


def _undisputed(route: PageRoute, visit: Visit) -> Page:
    """Our own stages change a draft in the very moments around a decision: it is decided anew, once, with what stands there by then."""
    try:
        return route.handler(visit)
    except Conflict:
        return route.handler(visit)


def see_other(address: str, **headers: str) -> Page:
    """After a form: the browser fetches that page with GET."""
    return Page(status=303, headers={"Location": address, **headers})

"""A workspace's beginning: its operators, its own keys, and empty places for the credentials it will be given. Called by sdr.

Whoever dies in the middle calls it again: what is there stays, what is missing is added.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.domain.audit import Actor
from shared.domain.connections import google_secret_of, hubspot_secret_of
from shared.domain.entity import Route, Value
from shared.domain.ids import OperatorId, WorkspaceId
from shared.domain.links import link_secret_of
from shared.domain.places import slack_secret_of
from shared.domain.roles import Role
from shared.domain.tokens import token_digest
from shared.domain.workspace import (
    ApiTokenRoute,
    CrmConnection,
    DriveAccess,
    HookRoute,
    MailboxRoute,
    Operator,
    SignInRoute,
    WorkingHours,
    Workspace,
    sign_in_id,
)
from shared.ports.clock import Clock, Ids
from shared.ports.errors import Conflict, NotFound, Rejected
from shared.ports.secrets import Secrets, SecretSafe
from shared.ports.store import Key, Snapshot, Store
from shared.stages.audit.keys import audit_secret_of
from shared.stages.audit.trail import AuditTrail, Noted
from shared.stages.audit.workspaces import change_workspace
from shared.stages.connecting.imprint import footer_line
from shared.stages.policy.suppressions import secret_of as suppression_secret_of

NAME = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
ADDRESS = re.compile(r"[^@\s<>]+@[a-z0-9.-]+\.[a-z]+")
PORTAL = re.compile(r"[0-9]{1,12}")
ADDED = ("drive", "link_domains", "legal_name", "postal_address")
"""What a workspace may have had none of, and is given by doing it again."""


class NewOperator(Value):
    name: str
    email: str
    hubspot_owner_id: str = ""


class NewWorkspace(Value):
    """As somebody types it. The first operator is the default one, and administrator."""

    id: str
    name: str
    portal_id: str
    operators: tuple[NewOperator, ...]
    hours: WorkingHours = WorkingHours()
    drive: DriveAccess = DriveAccess()
    link_domains: tuple[str, ...] = ()
    legal_name: str = ""
    postal_address: str = ""


@dataclass(frozen=True)
class Created:
    """Its tokens are shown this once; only their digests are stored. `fresh` is False when the workspace was there already.

    `kept`: what was asked for and is otherwise, for it was chosen before; each with what is.
    """

    workspace: Workspace
    fresh: bool
    api_token: str = field(repr=False)
    hook_token: str = field(repr=False)
    kept: Mapping[str, str] = field(default_factory=dict)


class Registry:
    """Where workspaces are created."""

    def __init__(self, *, store: Store, secrets: Secrets, safe: SecretSafe, clock: Clock, ids: Ids, audit: AuditTrail) -> None:
        self._store, self._secrets, self._safe, self._clock, self._ids, self._audit = store, secrets, safe, clock, ids, audit

    def create(self, new: NewWorkspace, *, by: Actor) -> Created:
        """Rejected, naming the field, for what cannot be, or is another workspace's."""
        checked(new)
        wanted = self._workspace(new)
        seen = self._known(wanted)
        known = seen.entity if seen else None
        workspace = _completed(known, wanted) if known else wanted
        self._check_free(workspace)
        self._make_secrets(workspace)
        if known is None:
            self._store.commit(*self._audit.writes(Noted(action="workspace.created"), by=by, workspace_id=workspace.id))
            self._store.save_workspace(workspace=workspace)
        elif seen is not None and workspace != known:
            self._complete(seen, workspace, by=by)
        api_token, hook_token = self._open_doors(workspace)
        return Created(workspace, known is None, api_token, hook_token, _kept(workspace, wanted))

    def _workspace(self, new: NewWorkspace) -> Workspace:
        id = WorkspaceId(new.id)
        operators = tuple(self._operator(one, new) for one in new.operators)
        return Workspace(
            id=id,
            name=new.name,
            company_name=footer_line(new.name, field="name"),
            legal_name=footer_line(new.legal_name, field="legal_name"),
            postal_address=footer_line(new.postal_address, field="postal_address"),
            operators=operators,
            default_operator=operators[0].id,
            crm=CrmConnection(portal_id=new.portal_id, token_secret=hubspot_secret_of(id), since=self._clock.now()),
            drive=new.drive,
            link_domains=new.link_domains,
        )

    def _operator(self, one: NewOperator, new: NewWorkspace) -> Operator:
        id = operator_id_of(one.email)
        return Operator(
            id=id,
            name=one.name,
            email=one.email.lower(),
            hubspot_owner_id=one.hubspot_owner_id,
            hours=new.hours,
            signature=f"{one.name}\n{new.name}",
            refresh_token_secret=google_secret_of(WorkspaceId(new.id), id),
        )

    def _complete(self, seen: Snapshot[Workspace], workspace: Workspace, *, by: Actor) -> None:
        """What was missing, in the log like any other change."""
        before = {name: value for name in ADDED if (value := _plain(seen.entity, name)) != _plain(workspace, name)}
        told = Noted(action="workspace.changed", before=before, after={name: _plain(workspace, name) for name in before})
        change_workspace(seen, workspace, told, by=by, store=self._store, audit=self._audit)

    def _known(self, wanted: Workspace) -> Snapshot[Workspace] | None:
        [found] = self._store.read(Key(Workspace, wanted.id, wanted.id))
        if found is None:
            return None
        known: Workspace = found.entity
        same = known.crm.portal_id == wanted.crm.portal_id and [one.email for one in known.operators] == [
            one.email for one in wanted.operators
        ]
        if not same:
            raise Rejected(f"id: there is a workspace {wanted.id} with another portal or other operators", field="id", status=409)
        return found

    def _check_free(self, workspace: Workspace) -> None:
        """Before anything is written: an address signs in to one workspace, and a mailbox is one workspace's."""
        for one in workspace.operators:
            signing, box = self._store.route(SignInRoute, id=sign_in_id(one.email)), self._store.route(MailboxRoute, id=one.email)
            if any(route is not None and route.workspace_id != workspace.id for route in (signing, box)):
                raise Rejected(f"operator: {one.email} belongs to another workspace", field="operator", status=409)

    def _make_secrets(self, workspace: Workspace) -> None:
        """Keys first: without them nothing may be decided. Those of the accounts stay empty until somebody connects them."""
        for name in (audit_secret_of(workspace.id), suppression_secret_of(workspace.id), link_secret_of(workspace.id)):
            self._safe.create(name=name)
            try:
                self._secrets.get(name=name)
            except NotFound:
                self._safe.add(name=name, value=f"1:{self._ids.new()}{self._ids.new()}")
        for name in (workspace.crm.token_secret, slack_secret_of(workspace.id), *(one.refresh_token_secret for one in workspace.operators)):
            self._safe.create(name=name)

    def _open_doors(self, workspace: Workspace) -> tuple[str, str]:
        first, id = workspace.operators[0], workspace.id
        for one in workspace.operators:
            role = Role.ADMIN if one is first else Role.OPERATOR
            self._add(MailboxRoute(id=one.email, workspace_id=id))
            self._add(SignInRoute(id=sign_in_id(one.email), workspace_id=id, operator_id=one.id, role=role))
        api_token, hook_token = self._ids.new(), self._ids.new()
        label = f"created {self._clock.now():%Y-%m-%d}"
        self._add(ApiTokenRoute(id=token_digest(api_token), workspace_id=id, label=label, role=Role.ADMIN))
        self._add(HookRoute(id=token_digest(hook_token), workspace_id=id))
        return api_token, hook_token

    def _add(self, route: Route) -> None:
        try:
            self._store.add_route(route=route)
        except Conflict:
            known = self._store.route(type(route), id=route.id)
            if known is None or known.workspace_id != route.workspace_id:
                raise


def _completed(known: Workspace, wanted: Workspace) -> Workspace:
    """With what it had none of until now; what was chosen once is not changed from here."""
    missing = {name: getattr(wanted, name) for name in ADDED if not _plain(known, name)}
    return known.model_copy(update=missing)


def _kept(workspace: Workspace, wanted: Workspace) -> Mapping[str, str]:
    """By option: what was asked for and is not so. An option that was left out asks for nothing."""
    asked = [(name, _plain(wanted, name), _plain(workspace, name)) for name in ("name", *ADDED)]
    kept = {name.replace("_", "-"): is_now for name, wish, is_now in asked if wish and wish != is_now}
    hours, new = workspace.operators[0].hours, wanted.operators[0].hours
    both = (("timezone", new.timezone, hours.timezone, "UTC"), ("country", new.country, hours.country, ""))
    return {**kept, **{name: is_now for name, wish, is_now, usual in both if wish not in (usual, is_now)}}


def _plain(workspace: Workspace, name: str) -> str:
    if name == "drive":
        return ", ".join(workspace.drive.all_roots)
    value = getattr(workspace, name)
    return value if isinstance(value, str) else ", ".join(value)


def checked(new: NewWorkspace) -> None:
    """Rejected with the field and what it should be."""
    if not NAME.fullmatch(new.id):
        raise Rejected("id: should be lower case letters, digits and hyphens, 3 to 40 of them", field="id")
    if not new.name.strip():
        raise Rejected("name: should be what operators call their company in mails", field="name")
    if not PORTAL.fullmatch(new.portal_id):
        raise Rejected("portal: should be the number of the HubSpot portal, as its addresses show it", field="portal")
    if not new.operators:
        raise Rejected("operator: should be at least one, as 'Name <address>'", field="operator")
    for one in new.operators:
        if not one.name.strip() or not ADDRESS.fullmatch(one.email.lower()):
            raise Rejected(f"operator: should be written as 'Name <address>', not {one.name!r} <{one.email}>", field="operator")
    ids = [operator_id_of(one.email) for one in new.operators]
    if len(set(ids)) < len(ids):
        raise Rejected("operator: two of them have the same address, or one that begins alike", field="operator")


def operator_id_of(email: str) -> OperatorId:
    """What stands before the @, as far as a secret may be called like it."""
    return OperatorId(re.sub("[^a-z0-9]+", "-", email.lower().partition("@")[0]).strip("-") or "operator")

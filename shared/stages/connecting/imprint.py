"""A workspace's imprint: who writes and from where, as mails nobody asked for have to say it. Called by the API, the console and sdr."""

from collections.abc import Mapping, Sequence

from shared.domain.audit import Actor
from shared.domain.connections import Check, missing, worked
from shared.domain.ids import WorkspaceId
from shared.domain.links import link_secret_of
from shared.domain.workspace import Workspace
from shared.ports.errors import NotFound, Rejected
from shared.ports.secrets import Secrets
from shared.ports.store import Store
from shared.stages.audit.trail import AuditTrail, Noted
from shared.stages.audit.workspaces import change_workspace, workspace_seen

LONGEST = 300
"""As a line of a footer."""
UNADDRESSED = "none is known: mails that nobody asked for do not leave"
KEYLESS = "there is no key for them: mails that nobody asked for are not written"


def imprint_checks(workspace: Workspace, *, secrets: Secrets) -> Sequence[Check]:
    """What mails nobody asked for need of the workspace, each in a line with the fix. Answers need neither."""
    address = "Postal address"
    keys = "Links to unsubscribe"
    try:
        secrets.get(name=link_secret_of(workspace.id))
        found = worked(keys, "their key is there")
    except NotFound:
        found = missing(keys, KEYLESS, f"repeat `sdr workspace create {workspace.id} …` as it was called at first: it adds what is missing")
    if workspace.postal_address:
        return worked(address, f"{workspace.known_as}, {workspace.postal_address}"), found
    return missing(address, UNADDRESSED, "an administrator sets it: `sdr workspace set --postal-address '…'`"), found


def change_imprint(
    workspace_id: WorkspaceId, *, legal_name: str | None, postal_address: str | None, by: Actor, store: Store, audit: AuditTrail
) -> Workspace:
    """None leaves a part as it is; an empty legal name stands for the company's. Rejected by its field; NotFound; Conflict: look again."""
    wanted = _lines({"legal_name": legal_name, "postal_address": postal_address})
    seen = workspace_seen(workspace_id, store=store)
    known = seen.entity
    before = {name: getattr(known, name) for name, value in wanted.items() if getattr(known, name) != value}
    if not before:
        return known
    changed = known.model_copy(update=wanted)
    told = Noted(action="workspace.changed", before=before, after={name: wanted[name] for name in before})
    change_workspace(seen, changed, told, by=by, store=store, audit=audit)
    return changed


def footer_line(told: str, *, field: str) -> str:
    """On one line, as it stands in a footer. Rejected when it is too long, or holds what nobody sees."""
    line = " ".join(told.split())
    if len(line) > LONGEST or not line.isprintable():
        raise Rejected(f"{field}: should be one line of at most {LONGEST} characters that can be printed", field=field)
    return line


def _lines(given: Mapping[str, str | None]) -> Mapping[str, str]:
    """Each on one line, without what nobody sees."""
    wanted = {name: footer_line(value, field=name) for name, value in given.items() if value is not None}
    if not wanted:
        raise Rejected("say what to change: legal_name, postal_address", field="postal_address")
    if wanted.get("postal_address") == "":
        raise Rejected("postal_address: should be where post reaches you: mails that nobody asked for must say it", field="postal_address")
    return wanted

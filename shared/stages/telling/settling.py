"""Where people are told, as it is set, as it stands, and as a trial shows. Called by the API."""

import re
from collections.abc import Mapping, Sequence

from shared.domain.audit import Actor
from shared.domain.connections import Check, missing, worked
from shared.domain.entity import Value
from shared.domain.ids import OperatorId, WorkspaceId, derived_id
from shared.domain.notice_books import NoticeBook
from shared.domain.notices import Notice
from shared.domain.places import Medium, Place, channel_of, places_of, slack_secret_of
from shared.domain.workspace import Operator, Workspace
from shared.ports.clock import Clock, Ids
from shared.ports.errors import Rejected, SalesAgentError
from shared.ports.noticeboards import Noticeboards
from shared.ports.store import Store
from shared.stages.audit.trail import AuditTrail, Noted
from shared.stages.audit.workspaces import change_workspace, workspace_seen
from shared.stages.telling import words
from shared.stages.telling.teller import Addresses, console_of

CHANNEL = re.compile(r"[CGDUW][A-Z0-9]{2,20}|#?[a-z0-9][a-z0-9._-]{0,79}")
MOST_BOOKS = 500


class Reader(Value):
    """How one operator is told; None leaves it as it is."""

    by_mail: bool | None = None
    slack: str | None = None


class Noticing:
    """The settings of notices; every call names its workspace."""

    def __init__(self, *, store: Store, clock: Clock, ids: Ids, audit: AuditTrail, settings: Addresses, boards: Noticeboards) -> None:
        self._store, self._clock, self._ids, self._audit, self._boards = store, clock, ids, audit, boards
        self._console = console_of(settings)

    def standing(self, workspace_id: WorkspaceId) -> Mapping[str, object]:
        """What is set, and every book with what keeps it from being told."""
        workspace = workspace_seen(workspace_id, store=self._store).entity
        books = self._store.list(NoticeBook, workspace_id=workspace_id, limit=MOST_BOOKS)
        return {
            "slack_channel": workspace.slack_channel,
            "slack_secret": slack_secret_of(workspace_id),
            "operators": [
                {"id": one.id, "name": one.name, "by_mail": one.notices_by_mail, "slack": one.slack} for one in workspace.operators
            ],
            "books": [_told(one.entity) for one in books],
        }

    def change(self, workspace_id: WorkspaceId, *, slack_channel: str | None, readers: Mapping[str, Reader], by: Actor) -> None:
        """One commit. Rejected naming the field; Conflict when the workspace has just been changed."""
        seen = workspace_seen(workspace_id, store=self._store)
        unknown = next((one for one in readers if seen.entity.operator_if_here(OperatorId(one)) is None), None)
        if unknown is not None:
            raise Rejected(f"operators: {unknown} is no operator's id here", field="operators", status=404)
        channel = seen.entity.slack_channel if slack_channel is None else _channel(slack_channel, "slack_channel")
        operators = tuple(_changed(one, readers.get(one.id)) for one in seen.entity.operators)
        changed = seen.entity.model_copy(update={"slack_channel": channel, "operators": operators})
        if changed == seen.entity:
            return
        noted = Noted(action="notices.changed", before=_settings(seen.entity), after=_settings(changed))
        change_workspace(seen, changed, noted, by=by, store=self._store, audit=self._audit)

    def trial(self, workspace_id: WorkspaceId, *, by: Actor) -> Sequence[Check]:
        """A notice at every place that is set, now, and what became of each."""
        workspace = workspace_seen(workspace_id, store=self._store).entity
        own = [place for one in workspace.operators for place in places_of(workspace, operator_id=one.id)]
        places = list({one.model_dump_json(): one for one in (*places_of(workspace), *own)}.values())
        if not places:
            return [missing("Notices", "nobody is told anything", "choose where with `sdr notices set`")]
        told, trial_id = words.trial(by=by.label, console=self._console), self._ids.new()
        return [self._tried(place, told, trial_id, workspace) for place in places]

    def _tried(self, place: Place, told: words.Told, trial_id: str, workspace: Workspace) -> Check:
        operator = workspace.operator_if_here(place.operator_id)
        mailed = place.medium is Medium.MAIL and operator is not None
        where = f"Mailbox of {operator.name}" if mailed and operator else f"Slack {channel_of(workspace, operator)}"
        id = derived_id("trial", trial_id, place.model_dump_json())
        notice = Notice(id=id, at=self._clock.now(), title=told.title, lines=told.lines, links=told.links)
        try:
            self._boards.open(place=place, workspace=workspace).post(notice=notice)
        except SalesAgentError as error:
            return missing(where, error.detail, "connect it again: `sdr connect-mailbox`" if mailed else "mend it, then `sdr notices try`")
        return worked(where, "the trial notice was put there")


def _changed(operator: Operator, asked: Reader | None) -> Operator:
    if asked is None:
        return operator
    by_mail = operator.notices_by_mail if asked.by_mail is None else asked.by_mail
    slack = operator.slack if asked.slack is None else _channel(asked.slack, "operators")
    return operator.model_copy(update={"notices_by_mail": by_mail, "slack": slack})


def _channel(given: str, field: str) -> str:
    if given and not CHANNEL.fullmatch(given):
        raise Rejected(f"{field}: should be a channel's id (C…), a member's id (U…) or a channel's name", field=field)
    return given


def _settings(workspace: Workspace) -> Mapping[str, object]:
    return {
        "slack_channel": workspace.slack_channel,
        "by_mail": [str(one.id) for one in workspace.operators if one.notices_by_mail],
        "slack": {str(one.id): one.slack for one in workspace.operators if one.slack},
    }


def _told(book: NoticeBook) -> Mapping[str, object]:
    told = book.model_dump(mode="json", include={"concern", "last_at", "due_at", "trouble", "trouble_at"})
    return told | {"medium": book.place.medium, "operator": book.place.operator_id, "waiting": len(book.waiting), "told": book.number - 1}

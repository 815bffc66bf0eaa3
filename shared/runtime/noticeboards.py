"""The Noticeboards port: which connector puts a notice up. Built by the wiring; a place that nobody is told at is never opened."""

from typing import Protocol

from shared.domain.ids import WorkspaceId
from shared.domain.places import Medium, Place, channel_of
from shared.domain.workspace import Operator, Workspace
from shared.ports.errors import Permanent
from shared.ports.noticeboards import Noticeboard


class Channels(Protocol):
    def open(self, *, workspace_id: WorkspaceId, channel: str) -> Noticeboard: ...


class Mailboxes(Protocol):
    def open(self, *, operator: Operator) -> Noticeboard: ...


class ChosenBoard:
    """What the place says."""

    def __init__(self, *, slack_boards: Channels, mail_boards: Mailboxes) -> None:
        self._slack, self._mail = slack_boards, mail_boards

    def open(self, *, place: Place, workspace: Workspace) -> Noticeboard:
        operator = workspace.operator_if_here(place.operator_id)
        if place.medium is Medium.MAIL and operator is not None:
            return self._mail.open(operator=operator)
        channel = channel_of(workspace, operator)
        if place.medium is Medium.MAIL or not channel:
            raise Permanent("the settings of the workspace do not name this place any more")
        return self._slack.open(workspace_id=workspace.id, channel=channel)

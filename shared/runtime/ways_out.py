"""The WaysOut port: which connector brings a mail out. Built by the wiring; a way that nobody takes is never opened."""

from typing import Protocol

from shared.domain.ways import Way
from shared.domain.workspace import Operator, Workspace
from shared.ports.ways_out import WayOut


class OfOperator(Protocol):
    """A way whose settings stand with the operator."""

    def open(self, *, operator: Operator) -> WayOut: ...


class OfWorkspace(Protocol):
    """A way whose settings stand with the workspace."""

    def open(self, *, workspace: Workspace) -> WayOut: ...


class ChosenWay:
    """What the send says."""

    def __init__(self, *, gmail_way: OfOperator, smtp_way: OfOperator, sendgrid_way: OfWorkspace) -> None:
        self._gmail, self._smtp, self._sendgrid = gmail_way, smtp_way, sendgrid_way

    def open(self, *, way: Way, workspace: Workspace, operator: Operator) -> WayOut:
        if way is Way.SMTP:
            return self._smtp.open(operator=operator)
        if way is Way.SENDGRID:
            return self._sendgrid.open(workspace=workspace)
        return self._gmail.open(operator=operator)

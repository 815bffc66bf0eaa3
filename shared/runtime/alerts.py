"""Alerts as lines of the log with the severity ALERT, which Cloud Monitoring matches; told by tend_sends."""

from shared.ports.alerts import Alert
from shared.runtime.logging import EventLog


class LoggedAlerts:
    """The Alerts port on the log."""

    def __init__(self, *, log: EventLog) -> None:
        self._log = log

    def tell(self, *, alert: Alert) -> None:
        self._log.write("ALERT", "alert", workspace_id=alert.workspace_id, outcome=alert.kind.value, entity=alert.about)

"""Where notices are put up: a channel in Slack, an operator's own mailbox."""

from typing import Protocol

from shared.domain.notices import Notice
from shared.domain.places import Place
from shared.domain.workspace import Workspace


class Noticeboard(Protocol):
    def post(self, *, notice: Notice) -> None:
        """Raises OutcomeUnknown when it may stand there, and anything else when it certainly does not: its detail says what to do."""

    def shows(self, *, notice: Notice) -> bool:
        """Whether this notice stands there already, as far as the place can be asked. By its id: what it says may have changed."""


class Noticeboards(Protocol):
    def open(self, *, place: Place, workspace: Workspace) -> Noticeboard:
        """Permanent when the settings no longer name it."""

"""Noticeboards in memory: what hangs at which place, and refusals on demand."""

from collections import defaultdict
from collections.abc import Callable

from shared.domain.notices import Notice
from shared.domain.places import Medium, Place
from shared.domain.workspace import Workspace
from shared.ports.errors import SalesAgentError


class MemoryBoard:
    """`failing` is raised instead of posting; `lost` posts, and then raises it. A mailbox can be asked what it shows, Slack cannot."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.notices: list[Notice] = []
        self.failing: SalesAgentError | None = None
        self.lost: SalesAgentError | None = None
        self.before: Callable[[], None] = lambda: None

    def post(self, *, notice: Notice) -> None:
        self.before()
        if self.failing is not None:
            raise self.failing
        self.notices.append(notice)
        if self.lost is not None:
            raise self.lost

    def shows(self, *, notice: Notice) -> bool:
        return self.place.medium is Medium.MAIL and any(one.id == notice.id for one in self.notices)


class MemoryBoards:
    """`at(place)` is its board, the same every time."""

    def __init__(self) -> None:
        self._boards: dict[str, MemoryBoard] = {}
        self.opened: dict[str, int] = defaultdict(int)

    def at(self, place: Place) -> MemoryBoard:
        return self._boards.setdefault(place.model_dump_json(), MemoryBoard(place))

    def open(self, *, place: Place, workspace: Workspace) -> MemoryBoard:
        self.opened[workspace.id] += 1
        return self.at(place)

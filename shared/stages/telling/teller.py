"""What this room works with. Built by the composition root for notify, and for the API's trial."""

from dataclasses import dataclass
from typing import Protocol

from shared.domain.outbox import address_of
from shared.ports.bus import Outbox
from shared.ports.clock import Clock, Ids
from shared.ports.noticeboards import Noticeboards
from shared.ports.store import Store


class Addresses(Protocol):
    @property
    def public_url(self) -> str: ...


@dataclass(frozen=True)
class Teller:
    store: Store
    outbox: Outbox
    clock: Clock
    ids: Ids
    boards: Noticeboards
    settings: Addresses

    @property
    def console(self) -> str:
        return console_of(self.settings)


def console_of(settings: Addresses) -> str:
    """Where the console's pages begin."""
    return f"{settings.public_url.rstrip('/')}{address_of('console')}"

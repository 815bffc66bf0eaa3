"""Links of our own in memory: the address tells what it means, and every one that was asked for is kept."""

from shared.domain.links import Link


class MemoryLinks:
    def __init__(self) -> None:
        self.made: list[Link] = []

    def address_of(self, *, link: Link) -> str:
        self.made.append(link)
        return f"https://links.northwind.example/{link.kind}/{link.draft_id}"

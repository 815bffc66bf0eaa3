"""Links of our own in memory: the address tells what it means, and every one that was asked for is kept."""

from urllib.parse import quote

from shared.domain.links import Link


class MemoryLinks:
    def __init__(self) -> None:
        self.made: list[Link] = []

    def address_of(self, *, link: Link) -> str:
        self.made.append(link)
        to = f"?{quote(link.url, safe='')}" if link.url else ""
        return f"https://links.northwind.example/{link.kind}/{link.draft_id}{to}"

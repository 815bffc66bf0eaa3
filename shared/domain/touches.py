"""One fetch of a link of ours in a mail, as little of it as a judgement needs; and all of a mail's. For engagement and track."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import ClassVar, Self

from shared.domain.entity import Entity, Value
from shared.domain.links import LinkKind

LONGEST_AGENT = 200
LONGEST_LINK = 500
MOST_KEPT = 100
"""Of one mail: as many as are compared with each other."""
KEPT_BITS = {4: 24, 6: 48}
"""Of an address: enough to tell two networks apart, too little to name a line."""


class Label(StrEnum):
    HUMAN = "human"
    MACHINE = "machine"
    UNKNOWN = "unknown"


class Touch(Value):
    """`link` tells apart the links of one mail. `network` is truncated; empty when nobody could tell."""

    kind: LinkKind
    at: datetime
    link: str = ""
    agent: str = ""
    network: str = ""
    head: bool = False  # asked for by HEAD
    prefetch: bool = False  # whoever asked says that nobody has followed anything yet


class Judged(Value):
    touch: Touch
    label: Label
    reason: str


class Touches(Entity):
    """`touches/{draft id}`: what has been fetched of one mail, the earliest first. It may outlive the draft."""

    collection: ClassVar[str] = "touches"

    recipient: str  # the mail's: for whoever forgets them
    kept: tuple[Touch, ...] = ()
    uncounted: dict[LinkKind, int] = {}  # how many came after the last that was kept

    def with_one(self, touch: Touch) -> Self:
        if len(self.kept) < MOST_KEPT:
            return self.model_copy(update={"kept": (*self.kept, touch)})
        return self.model_copy(update={"uncounted": {**self.uncounted, touch.kind: self.uncounted.get(touch.kind, 0) + 1}})


def touch_of(kind: LinkKind, *, url: str, at: datetime, headers: Mapping[str, str], address: str, head: bool) -> Touch:
    """`headers` with names in lower case; of `address` only its network is kept."""
    return Touch(
        kind=kind,
        at=at,
        link=url[:LONGEST_LINK],
        agent=headers.get("user-agent", "")[:LONGEST_AGENT],
        network=network_of(address),
        head=head,
        prefetch=says_prefetch(headers),
    )


def network_of(address: str) -> str:
    """`192.0.2.0/24` of 192.0.2.7, also where it is written as an address of IPv6; empty for what is no address."""
    try:
        read = ip_address(address.strip())
    except ValueError:
        return ""
    plain = getattr(read, "ipv4_mapped", None) or read  # else every address of IPv4 would be of one network
    return str(ip_network((plain.packed, KEPT_BITS[plain.version]), strict=False))


def says_prefetch(headers: Mapping[str, str]) -> bool:
    """Names in lower case. https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Purpose"""
    told = " ".join(headers.get(name, "") for name in ("sec-purpose", "purpose", "x-purpose", "x-moz")).lower()
    return "prefetch" in told or "preview" in told

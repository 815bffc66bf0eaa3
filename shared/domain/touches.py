"""One fetch of a link of ours in a mail, as little of it as a judgement needs. For engagement."""

from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address, ip_network

from shared.domain.entity import Value
from shared.domain.links import LinkKind

LONGEST_AGENT = 200
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


def network_of(address: str) -> str:
    """`192.0.2.0/24` of 192.0.2.7; empty for what is no address."""
    try:
        read = ip_address(address.strip())
    except ValueError:
        return ""
    return str(ip_network(f"{read}/{KEPT_BITS[read.version]}", strict=False))


def says_prefetch(headers: dict[str, str]) -> bool:
    """Names in lower case. https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Purpose"""
    told = " ".join(headers.get(name, "") for name in ("sec-purpose", "purpose", "x-purpose", "x-moz")).lower()
    return "prefetch" in told or "preview" in told

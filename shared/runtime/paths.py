"""Addresses with {parts}, matched against the path of a request. Used by the functions that serve more than one address."""

import re

from shared.domain.work import DOCUMENT_ID


def matched(pattern: str, path: str) -> dict[str, str] | None:
    """The named parts, each of which looks like an id of ours; None when the path is another one."""
    wanted, given = pattern.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    parts = {want[1:-1]: got for want, got in zip(wanted, given, strict=True) if want.startswith("{")}
    same = all(want == got or want.startswith("{") for want, got in zip(wanted, given, strict=True))
    return parts if same and all(re.fullmatch(DOCUMENT_ID, one) for one in parts.values()) else None

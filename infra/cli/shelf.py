"""The index of Drive on screen: each document, whether it may be shared, and why (not). Used by assets."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infra.cli import listing, telling
from infra.cli.client import Found
from infra.cli.wording import safe

NEVER = "Drive has not been looked at yet: the rounds do it within ten minutes."


def page(found: Found) -> RenderableType:
    """How far the index is, then a page of its documents."""
    return Group(_index(found["index"]), Text(), listing.page(found, assets_table))


def assets_table(items: Sequence[Found]) -> RenderableType:
    if not items:
        return Text("No documents. The workspace's Drive roots, allowed folders and exclusions say which there should be.")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for header in ("document", "folder", "kind", "parts", "may be shared", "read (UTC)"):
        table.add_column(header, overflow="fold")
    for one in items:
        sharing = safe(f"yes: {one['share_reason']}", "green") if one["shareable"] else safe(f"no: {one['share_reason']}")
        table.add_row(safe(one["name"]), safe(one["folder"]), safe(one["kind"]), _parts(one), sharing, safe(_read(one)))
    return table


def _index(index: Found | None) -> RenderableType:
    if index is None:
        return Text(NEVER)
    complete = f"complete since {telling.moment(index['complete_at'])}" if index["complete_at"] else "not complete yet"
    told = safe(f"{index['folders']} folders, {complete}, vectors of {index['embedder'] or 'nobody'}", "dim")
    return Group(told, safe(index["trouble"], "red")) if index["trouble"] else told


def _parts(one: Found) -> Text:
    if one["unreadable"]:
        return safe(f"none: {one['unreadable']}", "red")
    return safe(str(one["chunks"]) if one["work"] in ("none", "tidy") else f"{one['chunks']}, being read")


def _read(one: Found) -> str:
    return telling.moment(one["indexed_at"]) if one["indexed_at"] else "not yet"

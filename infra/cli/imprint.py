"""Who a workspace is and from where it writes, on screen; and what the doctor says of it."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from infra.cli.client import Found
from infra.cli.findings import Finding, doubtful, fine, report
from infra.cli.wording import rows


def page(found: Found) -> RenderableType:
    shown = (
        ("Workspace", f"{found['name']} ({found['id']})"),
        ("Legal name", found["legal_name"] or f"{found['company_name']} (as its operators call it)"),
        ("Postal address", found["postal_address"] or "not set"),
    )
    return Group(rows(*shown), Text(), report(findings(found)))


def findings(found: Found) -> Sequence[Finding]:
    """A line for each thing that mails nobody asked for need; answers leave without them."""
    return [fine(one["what"], one["told"]) if one["works"] else doubtful(one["what"], one["told"], one["fix"]) for one in found["checks"]]

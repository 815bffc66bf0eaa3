"""Who asks for the end, told by the one field their form has to hold: a mail provider's (RFC 8058), or that of our own page's button."""

from enum import StrEnum

from shared.ports.errors import Rejected
from shared.ports.requests import Incoming
from shared.runtime.forms import fields_of

LARGEST_BODY = 8 << 10
"""Bytes. The whole wish is one field."""
ONE_CLICK = ("list-unsubscribe", "one-click")
"""https://www.rfc-editor.org/rfc/rfc8058#section-3.2; letter case does not matter here."""
BUTTON = ("stop", "yes")


class AskedBy(StrEnum):
    """As the record of the suppression tells it."""

    PROVIDER = "one-click"
    PERSON = "page"


def asked_by(incoming: Incoming) -> AskedBy:
    """Rejected for a body that does not hold either field: machines post to what they find, and mean nothing by it."""
    told = {(name.strip().lower(), value.strip().lower()) for name, value in fields_of(incoming)}
    if ONE_CLICK in told:
        return AskedBy.PROVIDER
    if BUTTON in told:
        return AskedBy.PERSON
    raise Rejected("the form should hold the field List-Unsubscribe=One-Click", field="List-Unsubscribe")

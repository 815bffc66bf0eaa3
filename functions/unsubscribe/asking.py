"""Who asks for the end, told by the one field their form has to hold: a mail provider's (RFC 8058), or that of our own page's button."""

from enum import StrEnum
from io import BytesIO

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from shared.ports.errors import Rejected
from shared.ports.requests import Incoming

LARGEST_BODY = 8 << 10
"""Bytes. The whole wish is one field."""
MOST_PARTS = 20
URLENCODED = "application/x-www-form-urlencoded"
ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""https://www.rfc-editor.org/rfc/rfc8058#section-3.2"""
BUTTON = ("stop", "yes")


class AskedBy(StrEnum):
    """As the record of the suppression tells it."""

    PROVIDER = "one-click"
    PERSON = "page"


def asked_by(incoming: Incoming) -> AskedBy:
    """Rejected for a body that does not hold either field: machines post to what they find, and mean nothing by it."""
    form = _form(incoming)
    for (name, value), who in ((ONE_CLICK, AskedBy.PROVIDER), (BUTTON, AskedBy.PERSON)):
        if any(told.strip().lower() == value.lower() for key in form for told in form.getlist(key) if key.lower() == name.lower()):
            return who
    raise Rejected("the form should hold the field List-Unsubscribe=One-Click", field="List-Unsubscribe")


def _form(incoming: Incoming) -> MultiDict[str, str]:
    """Empty for what cannot be read as a form. Who names no type means the shorter of the two."""
    kind, options = parse_options_header(incoming.headers.get("content-type") or URLENCODED)
    parser = FormDataParser(max_form_memory_size=LARGEST_BODY, max_form_parts=MOST_PARTS)
    try:
        _, form, _ = parser.parse(BytesIO(incoming.body), kind, len(incoming.body), options)
    except (HTTPException, ValueError, LookupError):
        raise Rejected("the form cannot be read", field="List-Unsubscribe") from None
    return form

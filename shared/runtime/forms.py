"""The fields of a posted form, in either of the two ways in which forms are sent. For functions that strangers post to."""

from collections.abc import Sequence
from io import BytesIO

from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from shared.ports.errors import Rejected
from shared.ports.requests import Incoming

MOST_PARTS = 20
URLENCODED = "application/x-www-form-urlencoded"


def fields_of(incoming: Incoming) -> Sequence[tuple[str, str]]:
    """Empty for what is no form. Who names no type means the shorter of the two. Rejected for a form that cannot be read."""
    kind, options = parse_options_header(incoming.headers.get("content-type") or URLENCODED)
    parser = FormDataParser(max_form_memory_size=len(incoming.body), max_form_parts=MOST_PARTS)
    try:
        _, form, _ = parser.parse(BytesIO(incoming.body), kind.lower(), len(incoming.body), options)
    except (HTTPException, ValueError, LookupError):
        raise Rejected("the form cannot be read") from None
    return list(form.items(multi=True))

"""What the issuer answers to a request it cannot serve; raised by the handlers, rendered by routes.py."""

from werkzeug.wrappers import Response

from emulators.service import json_response


class InvalidRequest(Exception):
    """RFC 6749 section 5.2: a parameter is missing or malformed."""


class InvalidToken(Exception):
    """The token was not minted here, or its time is over."""


def rendered(error: InvalidRequest | InvalidToken) -> Response:
    if isinstance(error, InvalidToken):
        return json_response({"error": "invalid_token", "error_description": "Invalid Value"}, 400)
    return json_response({"error": "invalid_request", "error_description": str(error)}, 400)

"""What signJwt answers."""

from datetime import datetime

from werkzeug.wrappers import Request, Response

from emulators.iamcredentials.errors import not_json, unknown_account
from emulators.iamcredentials.state import SigningState
from emulators.service import json_response


def sign_jwt(state: SigningState, request: Request, project: str, account: str, now: datetime) -> Response:
    """POST /v1/projects/-/serviceAccounts/{email}:signJwt; a project's name in place of the hyphen is refused."""
    if project != "-":
        raise unknown_account(account)
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict):
        raise not_json()
    key_id, signed = state.signed(account, asked.get("payload"), now)
    return json_response({"keyId": key_id, "signedJwt": signed})

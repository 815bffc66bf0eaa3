"""What each route of the issuer answers, from the signing key."""

import json
from datetime import UTC, datetime

from werkzeug.wrappers import Request, Response

from emulators.oidc.errors import InvalidRequest, InvalidToken
from emulators.oidc.state import ISSUER, LIFETIME, SigningKey, claims
from emulators.service import json_response

ACCESS_TOKEN = "ya29.c."
CACHED = {"Cache-Control": "public, max-age=3600"}


class Issuer:
    def __init__(self) -> None:
        self._key = SigningKey()

    def token(self, *, audience: str, email: str) -> str:
        """Minted at wall-clock time: whoever verifies an identity token does not know the suite's clock."""
        return self._key.sign(claims(audience=audience, email=email, issued_at=datetime.now(UTC)))

    def access_token(self, *, scope: str, email: str) -> str:
        """Opaque to whoever gets it; signed, so that nothing has to be remembered to tell what it is."""
        signed = self._key.sign({**claims(audience="", email=email, issued_at=datetime.now(UTC)), "scope": scope})
        return ACCESS_TOKEN + signed

    def token_info(self, request: Request) -> Response:
        """https://developers.google.com/identity/sign-in/web/backend-auth#calling-the-tokeninfo-endpoint"""
        token = request.args.get("access_token", "")
        told = self._key.opened(token.removeprefix(ACCESS_TOKEN)) if token.startswith(ACCESS_TOKEN) else None
        left_s = told["exp"] - int(datetime.now(UTC).timestamp()) if told else 0
        if told is None or left_s <= 0:
            raise InvalidToken
        known = {name: told[name] for name in ("azp", "email", "scope", "exp")}
        return json_response({**known, "aud": told["azp"], "expires_in": str(left_s), "email_verified": "true", "access_type": "online"})

    def certificates(self, _: Request) -> Response:
        return json_response({self._key.id: self._key.certificate()}, headers=CACHED)

    def key_set(self, _: Request) -> Response:
        return json_response({"keys": [self._key.jwk()]}, headers=CACHED)

    def configuration(self, request: Request) -> Response:
        root = request.host_url.rstrip("/")
        document = {
            "issuer": ISSUER,
            "token_endpoint": f"{root}/token",
            "jwks_uri": f"{root}/oauth2/v3/certs",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": ["aud", "azp", "email", "email_verified", "exp", "iat", "iss", "sub"],
        }
        return json_response(document, headers=CACHED)

    def mint(self, request: Request) -> Response:
        """A token for `audience` and `email`, both from a form or a JSON object."""
        asked = _parameters(request)
        for name in ("audience", "email"):
            if not asked.get(name):
                raise InvalidRequest(f"Missing required parameter: {name}")
        token = self.token(audience=asked["audience"], email=asked["email"])
        return json_response({"id_token": token, "token_type": "Bearer", "expires_in": int(LIFETIME.total_seconds())})


def _parameters(request: Request) -> dict[str, str]:
    if not request.is_json:
        return request.form.to_dict()
    try:
        data = json.loads(request.get_data())
    except ValueError as error:
        raise InvalidRequest("The body is not JSON.") from error
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise InvalidRequest("The body must be an object of strings.")
    return data

"""IAM Service Account Credentials as an HTTP service. Who calls is not asked; whether they may have an account sign is."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.google_api.errors import GoogleApiError
from emulators.iamcredentials.responses import sign_jwt
from emulators.iamcredentials.state import SigningState
from emulators.service import HttpEmulator, Route, json_response


class IamCredentialsEmulator(HttpEmulator):
    """Fault route: `iamcredentials.signJwt`."""

    def __init__(self, clock: Clock) -> None:
        self.state = SigningState()
        super().__init__("iamcredentials", clock, self._routes())

    def service_account(self, email: str, *, client_id: str) -> Mapping[str, str]:
        """An account with a fresh key; its public key by id, for whoever verifies (the token endpoint's `service_account`)."""
        with self.lock:
            public = self.state.create(email, client_id)
            return {self.state.signers[email].key_id: public}

    def permit(self, email: str, *, may_sign: bool) -> None:
        """Gives the caller roles/iam.serviceAccountTokenCreator on the account, or takes it away."""
        with self.lock:
            self.state.signers[email] = replace(self.state.signers[email], may_sign=may_sign)

    def reset(self) -> None:
        self.state = SigningState()

    def dump(self) -> dict[str, Any]:
        return self.state.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        self.state.load(data)

    def error_response(self, error: Exception) -> Response | None:
        return json_response(error.body(named_status=True), error.code) if isinstance(error, GoogleApiError) else None

    def _routes(self) -> list[Route]:
        return [
            Route("POST", "/v1/projects/<project>/serviceAccounts/<account>:signJwt", self._sign, "signJwt"),
            Route("PUT", "/_emulator/seed", self._seed, "_seed"),
        ]

    def _sign(self, request: Request, project: str, account: str) -> Response:
        return sign_jwt(self.state, request, project, account, self.clock.now())

    def _seed(self, request: Request) -> Response:
        """The public keys, by account."""
        accounts = request.get_json().get("service_accounts", [])
        return json_response({one["email"]: self.service_account(**one) for one in accounts})

"""The token endpoint's refusals, worded as Google words them (RFC 6749 §5.2)."""


class OAuthError(Exception):
    """`code` is the RFC 6749 error; `description` is what a person reads."""

    def __init__(self, code: str, description: str, *, http_status: int = 400, subtype: str = "") -> None:
        super().__init__(f"{code}: {description}")
        self.code, self.description, self.http_status, self.subtype = code, description, http_status, subtype

    def body(self) -> dict[str, str]:
        return {"error": self.code, "error_description": self.description} | ({"error_subtype": self.subtype} if self.subtype else {})


def dead_grant() -> OAuthError:
    return OAuthError("invalid_grant", "Token has been expired or revoked.")


def unknown_refresh_token() -> OAuthError:
    return OAuthError("invalid_grant", "Bad Request")


def missing_parameter(name: str) -> OAuthError:
    return OAuthError("invalid_request", f"Missing required parameter: {name}")


def unsupported_grant_type(grant_type: str) -> OAuthError:
    return OAuthError("unsupported_grant_type", f"Invalid grant_type: {grant_type}")


def wrong_client() -> OAuthError:
    return OAuthError("invalid_client", "The OAuth client was not found.", http_status=401)


def unauthorized_client() -> OAuthError:
    wording = "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes"
    return OAuthError("unauthorized_client", f"{wording} requested.", http_status=401)


def invalid_token() -> OAuthError:
    return OAuthError("invalid_token", "Invalid Value")


def long_lived_assertion() -> OAuthError:
    wording = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
    return OAuthError("invalid_grant", f"{wording} Check your iat and exp values in the JWT claim.")


def reauthentication_needed() -> OAuthError:
    return OAuthError("invalid_grant", "reauth related error (invalid_rapt)", subtype="invalid_rapt")


def malformed_code() -> OAuthError:
    return OAuthError("invalid_grant", "Malformed auth code.")


def unknown_client() -> OAuthError:
    return OAuthError("invalid_client", "The OAuth client was not found.", http_status=401)


def redirect_mismatch() -> OAuthError:
    wording = "You can't sign in to this app because it doesn't comply with Google's OAuth 2.0 policy: register the redirect URI."
    return OAuthError("redirect_uri_mismatch", wording)


def unauthenticated() -> OAuthError:
    return OAuthError("invalid_request", "Invalid Credentials", http_status=401)

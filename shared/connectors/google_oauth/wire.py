"""What Google answers around the resources themselves: tokens, credentials, errors; and how any answer is read."""

import re
from math import isfinite
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, field_validator
from pydantic.alias_generators import to_camel

from shared.ports.errors import Permanent, Transient

TOKEN = re.compile("[!-~]+")
DAY_S = 86_400.0


class Wire(BaseModel):
    """A resource as Google sends it; what we do not use is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


M = TypeVar("M", bound=BaseModel)


class StoredCredentials(BaseModel):
    """What the secret behind a mailbox holds: Google's own `authorized_user` JSON."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    client_id: str
    client_secret: SecretStr
    refresh_token: SecretStr


class TokenAnswer(BaseModel):
    """`scope`: what it may do, separated by blanks. A refresh token comes with a code only. `expires_in`: seconds, from none to a day."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    access_token: SecretStr
    expires_in: float
    scope: str = ""
    refresh_token: SecretStr = SecretStr("")

    @field_validator("access_token")
    @classmethod
    def _fits_a_header(cls, token: SecretStr) -> SecretStr:
        if not TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError("it cannot stand in a header")
        return token

    @field_validator("expires_in")
    @classmethod
    def _is_a_time(cls, seconds: float) -> float:
        return min(max(seconds, 0.0), DAY_S) if isfinite(seconds) else 0.0


class Person(BaseModel):
    """OpenID Connect's userinfo."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    email: str = ""
    email_verified: bool = False


class TokenRefusal(BaseModel):
    """RFC 6749 §5.2."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    error: str = ""
    error_description: str = ""


class ErrorDetail(Wire):
    reason: str = ""


class ErrorBody(Wire):
    code: int = 0
    message: str = ""
    status: str = ""
    errors: tuple[ErrorDetail, ...] = ()


class ErrorEnvelope(Wire):
    """`{"error": {...}}` of every Google API; older ones have no `status`, newest ones no `errors`."""

    error: ErrorBody

    @property
    def reason(self) -> str:
        return self.error.errors[0].reason if self.error.errors else self.error.status


def parsed(into: type[M], content: bytes, *, source: str) -> M:
    """The answer as a model. Transient when it is no JSON (cut off on the way), Permanent naming the field that does not fit."""
    try:
        return into.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        if first["type"] == "json_invalid":
            raise Transient(f"{source} answered something that is not JSON", source=source) from None
        names = (str(part) for part in first["loc"])
        field = ".".join("…" if "@" in name else name for name in names) or "answer"  # a calendar's key is its owner's address
        raise Permanent(f"{source} answered with an unexpected {field}: {first['msg']}", source=source) from None

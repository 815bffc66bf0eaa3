"""Signing in to the console of the embedded suite: whoever has the machine is whom they say. Settings refuse it anywhere else."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie

from shared.ports.clock import Clock, Ids
from shared.ports.errors import Rejected
from shared.ports.requests import Incoming
from shared.runtime.settings import Settings, SettingsError

GOOD_FOR = timedelta(hours=12)


class LocalSignIn:
    """A cookie signed with a key of this process: when it ends, everybody signs in again."""

    def __init__(self, *, settings: Settings, clock: Clock, ids: Ids) -> None:
        if settings.environment != "local":
            raise SettingsError("local sign-in is for the suite only")
        self._clock, self._key = clock, ids.new().encode()
        self._secure = settings.public_url.startswith("https:")
        self.cookie_name = "__Host-console" if self._secure else "console"

    def address_of(self, incoming: Incoming) -> str:
        """Rejected with 401 when nobody has signed in, or too long ago."""
        try:
            cookie = SimpleCookie(incoming.headers.get("cookie", "")).get(self.cookie_name)
        except CookieError:
            cookie = None
        address = self._read(cookie.value) if cookie else ""
        if not address:
            raise Rejected("sign in first", status=401)
        return address

    def cookie_for(self, address: str) -> str:
        """The Set-Cookie header that signs this address in."""
        said = f"{self._clock.now().isoformat()} {address}"
        value = base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")
        return self._header(f"{value}.{self._signature(value)}", age=int(GOOD_FOR.total_seconds()))

    def farewell(self) -> str:
        """The Set-Cookie header that signs out."""
        return self._header("", age=0)

    def _read(self, cookie: str) -> str:
        value, _, signature = cookie.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(value).encode()):
            return ""
        moment, _, address = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode().partition(" ")
        age = self._clock.now() - datetime.fromisoformat(moment)
        return address if timedelta(0) <= age < GOOD_FOR else ""

    def _signature(self, value: str) -> str:
        return hmac.new(self._key, value.encode(), hashlib.sha256).hexdigest()

    def _header(self, value: str, *, age: int) -> str:
        secure = "; Secure" if self._secure else ""
        return f"{self.cookie_name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"

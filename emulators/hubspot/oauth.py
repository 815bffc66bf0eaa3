"""An installed app's codes and tokens: access tokens live half an hour, refresh tokens until they are deleted. Pure state."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from emulators.hubspot.errors import HubSpotError, expired_token, token_refused

LIFETIME = timedelta(seconds=1800)
CODE_LIFETIME = timedelta(minutes=1)
USER_ID = 2_100_001
DEFAULT_SCOPES = ("oauth", "crm.objects.contacts.read", "crm.objects.contacts.write")


class OAuth:
    """One app: `client_id` and its secret; a code is good once and only with the address it was asked for."""

    def __init__(self, client_id: str, client_secret: str) -> None:
        self.client_id, self.client_secret = client_id, client_secret
        self.clear()

    def clear(self) -> None:
        self._codes: dict[str, dict[str, Any]] = {}
        self._refresh: dict[str, list[str]] = {}
        self._access: dict[str, dict[str, Any]] = {}
        self._count = 0

    def authorize(self, redirect_uri: str, scopes: Sequence[str], now: datetime) -> str:
        """The code an installation ends with."""
        code = self._new("code")
        self._codes[code] = {"redirect_uri": redirect_uri, "scopes": list(scopes), "until": (now + CODE_LIFETIME).isoformat()}
        return code

    def exchange(self, form: Mapping[str, str], now: datetime) -> dict[str, Any]:
        """Tokens for a code or a refresh token; HubSpotError in the words of the token endpoint."""
        if form.get("client_id") != self.client_id:
            raise token_refused("BAD_CLIENT_ID", "missing or invalid client id")
        if form.get("client_secret") != self.client_secret:
            raise token_refused("BAD_CLIENT_SECRET", "missing or invalid client secret")
        grant = form.get("grant_type")
        if grant == "authorization_code":
            return self._issue(self._redeem(form, now), None, now)
        if grant == "refresh_token":
            token = form.get("refresh_token", "")
            if token not in self._refresh:
                raise token_refused("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
            return self._issue(self._refresh[token], token, now)
        raise token_refused("BAD_GRANT_TYPE", "missing or invalid grant type")

    def scopes_of(self, access_token: str, now: datetime) -> list[str] | None:
        """None for a token nobody issued; HubSpotError (401) for one that has expired."""
        known = self._access.get(access_token)
        if known is None:
            return None
        until = datetime.fromisoformat(known["until"])
        if now >= until:
            raise expired_token(int((now - until).total_seconds()))
        return list(known["scopes"])

    def access_info(self, token: str, now: datetime) -> dict[str, Any]:
        scopes = self.scopes_of(token, now)
        if scopes is None:
            raise HubSpotError(404, "access token not found", category="OBJECT_NOT_FOUND")
        left = int((datetime.fromisoformat(self._access[token]["until"]) - now).total_seconds())
        return {"token": token, "scopes": scopes, "expires_in": left, "token_type": "access", "user_id": USER_ID}

    def refresh_info(self, token: str) -> dict[str, Any]:
        if token not in self._refresh:
            raise HubSpotError(404, "refresh token not found", category="OBJECT_NOT_FOUND")
        return {"token": token, "scopes": self._refresh[token], "client_id": self.client_id, "token_type": "refresh", "user_id": USER_ID}

    def revoke(self, refresh_token: str) -> None:
        """The app is uninstalled: its access tokens end with it."""
        self._refresh.pop(refresh_token, None)
        self._access = {token: row for token, row in self._access.items() if row["refresh"] != refresh_token}

    def dump(self) -> dict[str, Any]:
        return {"codes": self._codes, "refresh": self._refresh, "access": self._access, "count": self._count}

    def load(self, data: Mapping[str, Any]) -> None:
        self._codes, self._refresh, self._access = dict(data["codes"]), dict(data["refresh"]), dict(data["access"])
        self._count = data["count"]

    def _redeem(self, form: Mapping[str, str], now: datetime) -> list[str]:
        known = self._codes.pop(form.get("code", ""), None)
        if known is None or now >= datetime.fromisoformat(known["until"]):
            raise token_refused("BAD_AUTH_CODE", "missing or unknown auth code")
        if known["redirect_uri"] != form.get("redirect_uri"):
            raise token_refused("BAD_REDIRECT_URI", "missing or invalid redirect uri")
        return list(known["scopes"])

    def _issue(self, scopes: list[str], refresh: str | None, now: datetime) -> dict[str, Any]:
        access, refresh = self._new("access"), refresh or self._new("refresh")
        self._refresh[refresh] = scopes
        self._access[access] = {"scopes": scopes, "until": (now + LIFETIME).isoformat(), "refresh": refresh}
        return {"token_type": "bearer", "refresh_token": refresh, "access_token": access, "expires_in": int(LIFETIME.total_seconds())}

    def _new(self, kind: str) -> str:
        self._count += 1
        digest = hashlib.sha256(f"{self.client_id}/{kind}/{self._count}".encode()).hexdigest()
        return f"{'na1-' if kind != 'access' else 'CI'}{digest[:36]}"

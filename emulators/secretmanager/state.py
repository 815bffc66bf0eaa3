"""Secrets and their versions, as the engine finds and changes them; dumps and loads as JSON."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from google.cloud.secretmanager_v1 import types

from emulators.secretmanager.errors import AlreadyExists, NotFound

Pb = Any
"""A raw protobuf: the generated classes carry no types."""

SecretPb: Any = types.Secret.pb()
VersionPb: Any = types.SecretVersion.pb()
VERSION_NAME = re.compile(r"(?P<secret>.+/secrets/[^/]+)/versions/(?P<version>[^/]+)")
LATEST = "latest"


@dataclass
class Version:
    version: Pb
    data: bytes

    @property
    def name(self) -> str:
        return str(self.version.name)

    def set_state(self, state: int) -> None:
        self._replace(state=state)

    def schedule_destruction(self, at_ns: int) -> None:
        self._replace(state=VersionPb.DISABLED)
        self.version.scheduled_destroy_time.FromNanoseconds(at_ns)

    def destroy(self, at: Pb) -> None:
        """The payload is gone for good; the version stays."""
        self._replace(state=VersionPb.DESTROYED)
        self.version.destroy_time.CopyFrom(at)
        self.data = b""

    def _replace(self, *, state: int) -> None:
        """A new message: the old one may be on its way to a client."""
        changed = VersionPb()
        changed.CopyFrom(self.version)
        changed.state = state
        changed.ClearField("scheduled_destroy_time")
        self.version = changed


@dataclass
class Secret:
    """Versions are numbered from 1 and never go away, destroyed ones included."""

    secret: Pb
    versions: list[Version] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.secret.name)

    def version(self, wanted: str) -> Version | None:
        """By number, by alias, or the newest for `latest`, whatever its state."""
        number = len(self.versions) if wanted == LATEST else self.secret.version_aliases.get(wanted, 0)
        if wanted.isdecimal():
            number = int(wanted)
        return self.versions[number - 1] if 0 < number <= len(self.versions) else None


class SecretState:
    def __init__(self) -> None:
        self._secrets: dict[str, Secret] = {}

    def add(self, secret: Secret) -> None:
        if secret.name in self._secrets:
            raise AlreadyExists(f"Secret [{secret.name}] already exists.")
        self._secrets[secret.name] = secret

    def secret(self, name: str) -> Secret:
        if name not in self._secrets:
            raise NotFound(f"Secret [{name}] not found.")
        return self._secrets[name]

    def version(self, name: str) -> Version:
        parts = VERSION_NAME.fullmatch(name)
        found = self.secret(parts["secret"]).version(parts["version"]) if parts else None
        if found is None:
            raise NotFound(f"Secret Version [{name}] not found.")
        return found

    def under(self, parent: str) -> list[Secret]:
        """Newest first."""
        return [secret for name, secret in reversed(self._secrets.items()) if name.startswith(f"{parent}/secrets/")]

    def delete(self, name: str) -> None:
        self.secret(name)
        del self._secrets[name]

    def expire(self, now: Pb) -> None:
        """Deletes the secrets whose `expire_time` has come, destroys the versions that were scheduled for it."""
        now_ns = now.ToNanoseconds()
        self._secrets = {name: one for name, one in self._secrets.items() if not _has_come(one.secret, "expire_time", now_ns)}
        for secret in self._secrets.values():
            for version in secret.versions:
                if _has_come(version.version, "scheduled_destroy_time", now_ns):
                    version.destroy(version.version.scheduled_destroy_time)

    def clear(self) -> None:
        self._secrets = {}

    def dump(self) -> dict[str, Any]:
        return {"secrets": [{"secret": _text(one.secret), "versions": _dumped(one.versions)} for one in self._secrets.values()]}

    def load(self, data: Mapping[str, Any]) -> None:
        self.clear()
        for entry in data.get("secrets", ()):
            self.add(Secret(_message(SecretPb, entry["secret"]), _loaded(entry["versions"])))


def _has_come(message: Pb, field: str, now_ns: int) -> bool:
    return bool(message.HasField(field) and getattr(message, field).ToNanoseconds() <= now_ns)


def _dumped(versions: list[Version]) -> list[dict[str, str]]:
    return [{"version": _text(one.version), "data": base64.b64encode(one.data).decode()} for one in versions]


def _loaded(entries: list[dict[str, str]]) -> list[Version]:
    return [Version(_message(VersionPb, entry["version"]), base64.b64decode(entry["data"])) for entry in entries]


def _text(message: Pb) -> str:
    return base64.b64encode(message.SerializeToString()).decode()


def _message(kind: Any, text: str) -> Pb:
    return kind.FromString(base64.b64decode(text))

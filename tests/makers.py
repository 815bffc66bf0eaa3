"""Where emulators and fakes make secrets and bodies: whatever they make is planted, so that a test need not think of it."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.confidential import plant, plant_text

CONSTANTS = {
    "infra.seed.loader": ("HOOK_TOKEN", "API_TOKEN"),
    "tests.contract.connectors.smtp.rig": ("PASSWORD",),
    "infra.suite": ("GOOGLE_CLIENT_SECRET",),
    "emulators.hubspot.routes": ("TOKEN", "CLIENT_SECRET", "DEVELOPER_KEY"),
    "emulators.sendgrid.routes": ("API_KEY",),
    "emulators.slack.routes": ("TOKEN", "SIGNING_SECRET"),
}
"""Planted when the module is there."""


def _mail(_stored: Any, _gmail: Any, email: str, message: Any, **_more: Any) -> None:
    if isinstance(message, Mapping):
        plant_text("body of a delivered mail", str(message.get("text", "")))
        plant_text("subject of a delivered mail", str(message.get("subject", "")))


def _form(_: None, _forms: Any, _form: Any, _body: Any, fields: list[dict[str, str]]) -> None:
    for one in fields:
        plant_text(f"answer “{one['name']}” of a form", one["value"])


def _code(value: str, _codes: Any, code: Any) -> None:
    plant("OAuth code", value)
    plant("OAuth state", code.asked.fields.get("state", ""))


def _kept(_: None, secrets: Any, *_given: Any, **_more: Any) -> None:
    for name, value in (secrets.values | getattr(secrets, "rotated", {})).items():
        plant(f"secret {name}", value)


def _registered(_: None, _oauth2: Any, email: str, refresh_token: str, *_given: Any, **_more: Any) -> None:
    plant("refresh token", refresh_token)


SOURCES: Mapping[str, Callable[..., object]] = {
    "emulators.oauth2.state:TokenState.mint": lambda made, *_, **__: plant("access token", made.value),
    "emulators.oauth2.state:TokenState.consent": lambda made, *_, **__: plant("refresh token", made.refresh_token),
    "emulators.oauth2.consent:Codes.give": _code,
    "emulators.oauth2.routes:OAuth2Emulator.register": _registered,
    "emulators.hubspot.oauth:OAuth._new": lambda made, *_, **__: plant("code or token of HubSpot", made),
    "emulators.hubspot.form_responses:FormResponses.record": _form,
    "emulators.gmail.routes:GmailEmulator.deliver": _mail,
    "emulators.secretmanager.responses:Engine.add_secret_version": lambda _, __, asked: plant(
        f"secret {asked.parent.rpartition('/')[2]}", asked.payload.data.decode("utf-8", "replace")
    ),
    "shared.runtime.local_sign_in:LocalSignIn.cookie_for": lambda made, *_: plant(
        "session cookie", made.partition("=")[2].partition(";")[0]
    ),
    "tests.fakes.secrets:MemorySecrets.__init__": _kept,
    "tests.fakes.secrets:MemorySecrets.rotate": _kept,
}

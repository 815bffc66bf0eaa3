"""The emulators by name, as dotted paths: each is imported only when it is built."""

import importlib
from typing import Any

from emulators.clock import Clock

CATALOGUE = {
    "firestore": "emulators.firestore.routes:FirestoreEmulator",
    "pubsub": "emulators.pubsub.routes:PubSubEmulator",
    "tasks": "emulators.tasks.routes:TasksEmulator",
    "secretmanager": "emulators.secretmanager.routes:SecretManagerEmulator",
    "scheduler": "emulators.scheduler.routes:SchedulerEmulator",
    "oidc": "emulators.oidc.routes:OidcEmulator",
    "hubspot": "emulators.hubspot.routes:HubSpotEmulator",
    "gmail": "emulators.gmail.routes:GmailEmulator",
    "calendar": "emulators.calendar.routes:CalendarEmulator",
    "drive": "emulators.drive.routes:DriveEmulator",
    "oauth2": "emulators.oauth2.routes:OAuth2Emulator",
    "iamcredentials": "emulators.iamcredentials.routes:IamCredentialsEmulator",
    "openai": "emulators.openai.routes:OpenAIEmulator",
    "slack": "emulators.slack.routes:SlackEmulator",
    "storage": "emulators.storage.routes:StorageEmulator",
    "smtp": "emulators.smtp.routes:SmtpEmulator",
    "sendgrid": "emulators.sendgrid.routes:SendGridEmulator",
}


def build(name: str, clock: Clock, **options: Any) -> Any:
    """A fresh, empty emulator on this clock; KeyError for a name the catalogue does not know."""
    module, _, attribute = CATALOGUE[name].partition(":")
    return getattr(importlib.import_module(module), attribute)(clock, **options)

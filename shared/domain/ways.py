"""The ways a mail may go out, and what each has to know. Which one an operator's mails take is a setting, noted in every send."""

import base64
import binascii
from enum import StrEnum

from pydantic import Field

from shared.domain.entity import Value
from shared.domain.ids import OperatorId, WorkspaceId

P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
"""How a public key on P-256 begins (SPKI, RFC 5480); its two coordinates follow."""
COORDINATES = 64


class Way(StrEnum):
    GMAIL = "gmail"  # Gmail sends the draft that stands there
    SMTP = "smtp"  # the operator's own mail server
    SENDGRID = "sendgrid"

    @property
    def has_fence(self) -> bool:
        """Whether a second call finds nothing left to send. Without a fence nothing is tried again once its end is unknown."""
        return self is Way.GMAIL


class SmtpServer(Value):
    """Where an operator's mail is handed in. Always over TLS: STARTTLS, or `implicit_tls` from the first byte (port 465)."""

    host: str = Field(min_length=1)
    port: int = Field(default=587, gt=0, lt=65536)
    implicit_tls: bool = False
    username: str = ""  # empty: the server knows us by our address and asks for no password
    password_secret: str = ""  # name in Secret Manager
    greets_as: str = ""  # how we introduce ourselves (EHLO); empty: as the domain of the sender


class SendGridAccount(Value):
    """A workspace's account."""

    key_secret: str = Field(min_length=1)  # name in Secret Manager
    events_key: str = Field(min_length=1)  # public key of the signed Event Webhook, as its settings show it: no secret


def smtp_secret_of(workspace_id: WorkspaceId, operator_id: OperatorId) -> str:
    """The name in Secret Manager. It follows from whose it is: nobody can name another's and have it sent to a server of their own."""
    return f"smtp-password-{workspace_id}_{operator_id}"


def sendgrid_secret_of(workspace_id: WorkspaceId) -> str:
    return f"sendgrid-key-{workspace_id}"


def is_events_key(told: str) -> bool:
    """Whether it is a public key as SendGrid shows it: P-256, SPKI in base64 without armour."""
    try:
        key = base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError):
        return False
    return key.startswith(P256) and len(key) == len(P256) + COORDINATES

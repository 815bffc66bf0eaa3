"""Mailboxes: whether we listen to them, under which address their operators' mails go out, and which way."""

from pydantic import BaseModel, ConfigDict, Field

from functions.api.routing import Call, Route
from shared.domain.outbox import address_of
from shared.domain.roles import Role
from shared.domain.ways import Way
from shared.ports.requests import Reply
from shared.stages.connecting.mail_settings import MailSettings, Server, Wish, change_mail_settings, mail_settings
from shared.stages.reading import standing
from shared.wiring import ports


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MailServer(Given):
    """STARTTLS, or `implicit_tls` from the first byte (port 465). Its password stands in Secret Manager, never here."""

    host: str = Field(min_length=1, max_length=253)
    port: int = Field(587, gt=0, lt=65536)
    implicit_tls: bool = False
    username: str = Field("", max_length=320)
    greets_as: str = Field("", max_length=253)


class SendGrid(Given):
    """The workspace's account: `events_key` is the public key of its signed Event Webhook. Its API key stands in Secret Manager."""

    events_key: str = Field(min_length=1, max_length=500)


class MailboxChange(Given):
    """What is left out stays as it is. An empty `send_as` is the mailbox's own address."""

    send_as: str | None = Field(None, max_length=320)
    way: Way | None = None
    smtp: MailServer | None = None
    sendgrid: SendGrid | None = None


def _all(call: Call) -> Reply:
    return Reply({"items": standing.mailboxes(workspace_id=call.workspace_id, store=ports.store, clock=ports.clock)})


def _shown(call: Call) -> Reply:
    return Reply(_told(mail_settings(call.workspace_id, call.parts["id"], store=ports.store)))


def _change(call: Call) -> Reply:
    asked: MailboxChange = call.body
    wish = Wish(
        send_as=asked.send_as,
        way=asked.way,
        smtp=Server(**asked.smtp.model_dump()) if asked.smtp else None,
        events_key=asked.sendgrid.events_key if asked.sendgrid else None,
    )
    settled = change_mail_settings(
        call.workspace_id, call.parts["id"], wish, by=call.actor, store=ports.store, audit=ports.audit, mailbox=ports.desk.mailbox
    )
    return Reply(_told(settled))


def _told(settings: MailSettings) -> dict[str, object]:
    one, account = settings.operator, settings.sendgrid
    events = f"{ports.settings.public_url.rstrip('/')}{address_of('sendgrid_events')}/{one.workspace_id}"
    return {
        "operator_id": one.id,
        "operator": one.name,
        "address": one.email,
        "send_as": one.send_as,
        "way": one.way,
        "smtp": one.smtp.model_dump(mode="json") if one.smtp else None,
        "sendgrid": account.model_dump(mode="json") | {"events_url": events} if account else None,
    }


ROUTES = (
    Route("GET", "mailboxes", _all, "The mailboxes, and whether we listen to them", answer="Mailboxes"),
    Route("GET", "mailboxes/{id}", _shown, "Under which address an operator's mails go out, and which way", answer="Mailbox"),
    Route("PATCH", "mailboxes/{id}", _change, "Choose how an operator's mails go out", Role.ADMIN, MailboxChange, "Mailbox"),
)

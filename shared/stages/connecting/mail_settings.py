"""How an operator's mails go out: under which address, and which way. Called by the API."""

import re
from collections.abc import Mapping

from shared.domain.audit import Actor
from shared.domain.entity import Value
from shared.domain.ids import OperatorId, WorkspaceId
from shared.domain.ways import SendGridAccount, SmtpServer, Way, is_events_key, sendgrid_secret_of, smtp_secret_of
from shared.domain.workspace import Operator, Workspace
from shared.ports.errors import NotFound, Rejected
from shared.ports.mailbox import MailboxOf, SenderUnusable
from shared.ports.store import Store
from shared.stages.audit.trail import AuditTrail, Noted
from shared.stages.audit.workspaces import change_workspace, workspace_seen

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
ADDRESS = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]{1,255}")


class Server(Value):
    """A mail server as an administrator tells of it: without its password, whose place follows from whose it is."""

    host: str
    port: int = 587
    implicit_tls: bool = False
    username: str = ""
    greets_as: str = ""


class Wish(Value):
    """What is to be different; None leaves a part as it is. An empty `send_as` is the mailbox's own address."""

    send_as: str | None = None
    way: Way | None = None
    smtp: Server | None = None
    events_key: str | None = None  # of the workspace's SendGrid account


class MailSettings(Value):
    """Of one operator; the SendGrid account is the whole workspace's."""

    operator: Operator
    sendgrid: SendGridAccount | None


def mail_settings(workspace_id: WorkspaceId, operator_id: str, *, store: Store) -> MailSettings:
    """Raises NotFound."""
    workspace = workspace_seen(workspace_id, store=store).entity
    return MailSettings(operator=_operator(workspace, operator_id), sendgrid=workspace.sendgrid)


def change_mail_settings(
    workspace_id: WorkspaceId, operator_id: str, wish: Wish, *, by: Actor, store: Store, audit: AuditTrail, mailbox: MailboxOf
) -> MailSettings:
    """What is approved from now on goes by it; a send that waits keeps its way. Gmail is asked whether it sends under a new address.

    NotFound; Rejected naming the field, with what to do; Conflict when the workspace has just been changed.
    """
    if wish == Wish():
        raise Rejected("say what to change: send_as, way, smtp, sendgrid", field="way")
    seen = workspace_seen(workspace_id, store=store)
    known = _operator(seen.entity, operator_id)
    account = _account(seen.entity, wish)
    operator = _changed(known, wish, account)
    _check_sender(operator, known, mailbox)
    changed = seen.entity.model_copy(
        update={"operators": tuple(operator if one.id == known.id else one for one in seen.entity.operators), "sendgrid": account}
    )
    if changed != seen.entity:
        before, after = (_told(one, known.id) for one in (seen.entity, changed))
        noted = Noted(action="mailbox.changed", reason=str(known.id), before=before, after=after)
        change_workspace(seen, changed, noted, by=by, store=store, audit=audit)
    return MailSettings(operator=operator, sendgrid=account)


def _changed(known: Operator, wish: Wish, account: SendGridAccount | None) -> Operator:
    way = wish.way or known.way
    server = _server(known, wish.smtp) if wish.smtp else known.smtp
    if way is Way.SMTP and server is None:
        raise Rejected("way: nothing says which mail server takes them: name it with it (smtp: host, port, username)", field="smtp")
    if way is Way.SENDGRID and account is None:
        raise Rejected(
            "way: the workspace has no SendGrid account: name the public key of its signed Event Webhook with it (sendgrid: events_key)",
            field="sendgrid",
        )
    send_as = known.send_as if wish.send_as is None else wish.send_as.strip().lower()
    if send_as and not ADDRESS.fullmatch(send_as):
        raise Rejected("send_as: should be an address, or empty for the mailbox's own", field="send_as")
    return known.model_copy(update={"way": way, "smtp": server, "send_as": "" if send_as == known.email else send_as})


def _server(known: Operator, told: Server) -> SmtpServer:
    for field, value in (("host", told.host), ("greets_as", told.greets_as or "x")):
        if not HOST.fullmatch(value):
            raise Rejected(f"smtp.{field}: should be the name of a machine, as mail.example.com", field=f"smtp.{field}")
    if not 0 < told.port < 65536:
        raise Rejected("smtp.port: should be 587 (STARTTLS), 465 (implicit_tls), or the server's own", field="smtp.port")
    if not told.username.isprintable() or len(told.username) > 320:
        raise Rejected("smtp.username: should be what the server knows you by", field="smtp.username")
    secret = smtp_secret_of(known.workspace_id, known.id) if told.username else ""
    return SmtpServer(**told.model_dump(), password_secret=secret)


def _account(workspace: Workspace, wish: Wish) -> SendGridAccount | None:
    if wish.events_key is None:
        return workspace.sendgrid
    key = wish.events_key.strip()
    if not is_events_key(key):
        told = "should be the public key under “Signed Event Webhook” in SendGrid's mail settings; it begins with MFkw"
        raise Rejected(f"sendgrid.events_key: {told}", field="sendgrid.events_key")
    return SendGridAccount(key_secret=sendgrid_secret_of(workspace.id), events_key=key)


def _check_sender(operator: Operator, known: Operator, mailbox: MailboxOf) -> None:
    if operator.send_as in ("", known.send_as):
        return
    try:
        mailbox(known).sender(address=operator.send_as)
    except SenderUnusable as error:
        raise Rejected(f"send_as: {error.detail}", field="send_as", status=422, source=error.source) from None


def _operator(workspace: Workspace, operator_id: str) -> Operator:
    found = workspace.operator_if_here(OperatorId(operator_id))
    if found is None:
        raise NotFound(f"mailbox {operator_id} does not exist")
    return found


def _told(workspace: Workspace, operator_id: OperatorId) -> Mapping[str, object]:
    """For the log; without the names of secrets, which follow from whose they are."""
    operator, account = _operator(workspace, operator_id), workspace.sendgrid
    server = operator.smtp.model_dump(mode="json", exclude={"password_secret"}) if operator.smtp else None
    key = account.events_key if account else ""
    return {"send_as": operator.send_as, "way": operator.way, "smtp": server, "events_key": key}

"""What is answered about how the workspace stands, as models. Used by functions/api/answers.py."""

from datetime import datetime

from functions.api.shapes import Answer
from shared.domain.circuit import CircuitState
from shared.domain.connections import Agreement, Service
from shared.domain.policy import Mode
from shared.domain.ways import SendGridAccount, SmtpServer, Way
from shared.stages.connecting.looking import State


class ShownMailbox(Answer):
    """`listening` is whether it may send: who does not listen does not send."""

    operator_id: str
    operator: str
    address: str
    listening: bool
    read_at: datetime | None
    trouble: str
    trouble_at: datetime | None
    resyncs: int


class ShownSendGrid(Answer, SendGridAccount):
    """`events_url` is what its Event Webhook should call."""

    events_url: str


class ShownMailSettings(Answer):
    """Empty `send_as`: under the mailbox's own address. Secrets are named, never shown."""

    operator_id: str
    operator: str
    address: str
    send_as: str
    way: Way
    smtp: SmtpServer | None
    sendgrid: ShownSendGrid | None


class Status(Answer):
    """Counts end at 100."""

    workspace: str
    mode: Mode
    kill_switch: bool
    policy_version: int
    drafts_pending: int
    sends_waiting: int
    sends_parked: int
    runs_paused: int
    dead_letters_open: int
    mailboxes: int
    mailboxes_listening: int
    forms_polled_at: datetime | None
    forms_trouble: str
    canary_sent_at: datetime | None
    canary_passed_at: datetime | None
    canary_alarm: str


class CheckLine(Answer):
    """`fix` is empty when it works."""

    what: str
    works: bool
    told: str
    fix: str


class ShownWorkspace(Answer):
    """`checks` are what mails nobody asked for need of it."""

    id: str
    name: str
    company_name: str
    legal_name: str
    postal_address: str
    checks: list[CheckLine]


class ShownConnection(Answer):
    """`connect_at` is the page where it is connected; `fix` is empty when there is nothing to do."""

    id: str
    service: Service
    operator: str
    account: str
    state: State
    agreement: Agreement
    reason: str
    fix: str
    connected_by: str
    since: datetime | None
    checked_at: datetime | None
    checks: list[CheckLine]
    connect_at: str


class DelegationTerms(Answer):
    """To be entered at `where`; `lacks` is why this installation has no delegation, empty when it has."""

    client_id: str
    scopes: list[str]
    where: str
    lacks: str


class DelegatedAccount(Answer):
    """`trouble` says, with its fix, why nothing was connected."""

    works: bool
    trouble: str
    checks: list[CheckLine]


class Looked(Answer):
    works: bool
    checks: list[CheckLine]


class ShownReader(Answer):
    id: str
    name: str
    by_mail: bool
    slack: str


class ShownNoticeBook(Answer):
    """What is told of one concern at one place; `trouble` says what keeps it from being told, and what to do."""

    concern: str
    medium: str
    operator: str
    waiting: int
    told: int
    last_at: datetime | None
    due_at: datetime | None
    trouble: str
    trouble_at: datetime | None


class Notices(Answer):
    slack_channel: str
    slack_secret: str
    operators: list[ShownReader]
    books: list[ShownNoticeBook]


class Alive(Answer):
    ok: bool


class Dependency(Answer):
    """`state` is that of the circuit all instances share; `last_success` what is known of the last time it answered as it should."""

    name: str
    state: CircuitState
    since: datetime | None
    reason: str
    last_success: datetime | None

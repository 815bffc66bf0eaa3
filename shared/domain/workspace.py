"""A client's isolated world: its operators, portal, mailboxes, Drive roots, and what maps the outside to it."""

from datetime import UTC, datetime, time, timedelta
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator, model_validator

from shared.domain.entity import Route, Value
from shared.domain.ids import OperatorId, WorkspaceId, derived_id
from shared.domain.roles import Role
from shared.domain.ways import SendGridAccount, SmtpServer, Way

ROUTE_GOOD_FOR = timedelta(minutes=1)
"""A disconnected portal's webhooks may be taken for so long; every stage looks at the workspace itself again."""


DAYS_OF_A_WEEK = 7


class WorkingHours(Value):
    """Local working time; weekdays count Monday as 0."""

    timezone: str = "UTC"  # IANA name
    start: time = time(9)
    end: time = time(17, 30)
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    country: str = ""  # ISO 3166-1 alpha-2, for public holidays
    region: str = ""  # as ISO 3166-2 names it within the country ("BY" of "DE-BY"), for the holidays of that region alone

    def next_working(self, moment: datetime) -> datetime:
        """The moment itself when it lies in working time, else the beginning of the next; UTC. Public holidays are not known here."""
        zone = ZoneInfo(self.timezone)
        today = moment.astimezone(zone).date()
        for day in (today + timedelta(days=ahead) for ahead in range(DAYS_OF_A_WEEK + 1)):
            opens, closes = (datetime.combine(day, at, zone).astimezone(UTC) for at in (self.start, self.end))
            if day.weekday() in self.weekdays and moment < closes and opens < closes:
                return max(moment.astimezone(UTC), opens)
        return moment.astimezone(UTC)


class Operator(Value):
    """The person whose voice and mailbox it is."""

    id: OperatorId
    workspace_id: WorkspaceId = WorkspaceId("")  # set by the workspace the operator belongs to
    name: str
    email: str  # the mailbox, lower case
    aliases: tuple[str, ...] = ()
    send_as: str = ""  # the address of Gmail's “Send mail as” they write under, with its name and signature; empty: the mailbox's own
    hubspot_owner_id: str = ""
    calendar_id: str = "primary"
    hours: WorkingHours = WorkingHours()
    call_notice_minutes: int = Field(default=180, ge=0)  # nobody is offered a call that starts before they can have read the mail
    call_buffer_minutes: int = Field(default=0, ge=0)  # kept free before and after a call
    signature: str = ""  # plain text under the sign-off
    refresh_token_secret: str = ""  # name in Secret Manager
    way: Way = Way.GMAIL  # how approved mails go out; the mailbox is listened to, and holds the drafts, whatever it is
    smtp: SmtpServer | None = None
    notices_by_mail: bool = False  # what waits for them is told in their own mailbox
    slack: str = ""  # their own channel or member id in Slack, for what waits for them; empty: the workspace's channel

    @property
    def call_notice(self) -> timedelta:
        return timedelta(minutes=self.call_notice_minutes)

    @property
    def call_buffer(self) -> timedelta:
        return timedelta(minutes=self.call_buffer_minutes)

    def owns_address(self, address: str) -> bool:
        return address.lower() in {self.email, *self.aliases, self.send_as.lower() or self.email}


class CrmConnection(Value):
    """How to reach the workspace's HubSpot portal."""

    portal_id: str
    token_secret: str  # name in Secret Manager
    form_ids: tuple[str, ...] = ()  # forms whose submissions start runs; empty: every form of the portal
    since: datetime | None = None  # polling starts no run for what was submitted before; None: before polling began
    writable_properties: tuple[str, ...] = ("hs_lead_status", "notes_last_contacted")


class DriveAccess(Value):
    """What of Drive may be read: everything else does not exist for the agents."""

    roots: tuple[str, ...] = ()  # folder ids
    whole_roots: tuple[str, ...] = ()  # further folder ids, taken whole: no prefix is asked for below them
    allowed_folders: tuple[str, ...] = ()  # name prefixes below the roots; empty means the whole root
    excluded: tuple[str, ...] = ()  # name globs never indexed
    shareable_folders: tuple[str, ...] = ()  # name prefixes whose files may be attached or linked
    shareable_domains: tuple[str, ...] = ()  # a file open to everybody of these domains counts as meant to be shared

    @property
    def all_roots(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.roots, *self.whole_roots)))


class Workspace(Value):
    """The document `workspaces/{id}`."""

    collection: ClassVar[str] = "workspaces"

    id: WorkspaceId
    name: str
    company_name: str  # how operators call their own company in mails
    legal_name: str = ""  # as the law knows it (“Northwind Events, S.L.”); empty: as operators call it
    postal_address: str = ""  # on one line; recipients' law asks for it below unsolicited mails
    operators: tuple[Operator, ...] = Field(min_length=1)
    default_operator: OperatorId
    crm: CrmConnection
    drive: DriveAccess = DriveAccess()
    link_domains: tuple[str, ...] = ()  # the only domains a draft may link to
    offers: tuple[str, ...] = ()  # what operators may promise, in their own words
    daily_model_budget_usd: float = 20.0
    console_url: str = ""
    canary: bool = True  # a synthetic submission every hour
    sendgrid: SendGridAccount | None = None
    slack_channel: str = ""  # where people are told of what waits for them, by id or name; empty: not in Slack

    @field_validator("operators")
    @classmethod
    def _belong_here(cls, operators: tuple[Operator, ...], info: ValidationInfo) -> tuple[Operator, ...]:
        return tuple(one.model_copy(update={"workspace_id": info.data.get("id", "")}) for one in operators)

    @model_validator(mode="after")
    def _ways_are_known(self) -> Self:
        for one in self.operators:
            if (one.way is Way.SMTP and one.smtp is None) or (one.way is Way.SENDGRID and self.sendgrid is None):
                raise ValueError(f"operator {one.id}: way is {one.way}, and nothing says how to reach it")
        return self

    @property
    def known_as(self) -> str:
        """Who writes, as a footer says it."""
        return self.legal_name or self.company_name

    def operator_for(self, hubspot_owner_id: str) -> Operator:
        """The operator who owns the CRM record, else the default one."""
        owned = [one for one in self.operators if hubspot_owner_id and one.hubspot_owner_id == hubspot_owner_id]
        return owned[0] if owned else self.operator(self.default_operator)

    @property
    def only_operator(self) -> Operator | None:
        """The one who answers everybody; None when there are several."""
        return self.operators[0] if len(self.operators) == 1 else None

    def operator(self, operator_id: OperatorId) -> Operator:
        """Raises KeyError for an operator the workspace does not have."""
        found = self.operator_if_here(operator_id)
        if found is None:
            raise KeyError(operator_id)
        return found

    def operator_if_here(self, operator_id: OperatorId) -> Operator | None:
        """None for one who was removed: their drafts and sends outlive them here."""
        return next((one for one in self.operators if one.id == operator_id), None)


class PortalRoute(Route):
    """`portals/{portal_id}`: created only if absent, so no workspace can take another's portal."""

    collection: ClassVar[str] = "portals"
    good_for: ClassVar[timedelta] = ROUTE_GOOD_FOR


class HookRoute(Route):
    """`hooks/{sha256 of token}`: workflow webhook URLs carry the token."""

    collection: ClassVar[str] = "hooks"
    good_for: ClassVar[timedelta] = ROUTE_GOOD_FOR


class MailboxRoute(Route):
    """`mailbox_index/{address}`."""

    collection: ClassVar[str] = "mailbox_index"


class ApiTokenRoute(Route):
    """`api_tokens/{sha256 of token}`: a workspace token of the API. One that says nothing else only reads."""

    collection: ClassVar[str] = "api_tokens"

    label: str = ""
    role: Role = Role.VIEWER


class SignInRoute(Route):
    """`sign_ins/{sign_in_id}`: the Google account somebody signs in with, which operator that is, and what they may do with the API.

    A service account is no operator: it may use the API, and has no business in the console.
    """

    collection: ClassVar[str] = "sign_ins"
    good_for: ClassVar[timedelta] = ROUTE_GOOD_FOR

    operator_id: OperatorId = OperatorId("")
    role: Role = Role.OPERATOR


def sign_in_id(address: str) -> str:
    return derived_id("sign_in", address.strip().lower())

"""The policy of a workspace: one versioned document saying what may leave, to whom, how often and when. Read afresh at every decision."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from shared.domain.audit import Actor
from shared.domain.compliance import Compliance
from shared.domain.entity import Entity, Value
from shared.domain.ids import OperatorId, WorkspaceId, derived_id
from shared.domain.sends import Touch
from shared.domain.tracked import Tracking
from shared.domain.work import DOCUMENT_ID

CURRENT = "current"
"""The id of the policy in force; earlier ones stand in `policy_versions`."""

TURN = "switch-"
"""What begins the id of the work that a turn of the kill switch owes; the id of the policy's version follows."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
"""Of a flag, a check or a rule."""
Entry = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=254)]
"""Of a list of names."""
DocumentId = Annotated[str, StringConstraints(pattern=DOCUMENT_ID)]
Points = Annotated[int, Field(ge=0, le=1000)]
Share = Annotated[float, Field(ge=0, le=1)]
MOST_CONFIDENCE = 0.98
"""Nobody can earn more in the 200 decisions that count (`autonomy.WINDOW`)."""
LEAST_HOLD_S = 15
"""What is approved without a person can be taken back by one for so long at least."""


def _can_be_earned(confidence: float) -> float:
    if confidence > MOST_CONFIDENCE:
        raise ValueError(f"should be at most {MOST_CONFIDENCE}: more can never be earned")
    return confidence


Confidence = Annotated[float, Field(ge=0.5, le=1), AfterValidator(_can_be_earned)]
Wording = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
"""As a draft shows its own."""


class Mode(StrEnum):
    DRAFT_ONLY = "DRAFT_ONLY"
    SEND_ALLOWED = "SEND_ALLOWED"


class AutoRule(StrEnum):
    """What may speak for a mail in a person's place, the strongest first."""

    REPLIED_BEFORE = "replied_before"  # they have answered us within 90 days
    KNOWN_GOOD = "known_good"  # a mail a person approved has reached them well
    HIGH_ICP = "high_icp"  # their company is what we look for, and the address is that company's
    APPROVED_TEMPLATE = "approved_template"  # the wording is one that was approved once and for all


class Stance(StrEnum):
    OFF = "off"  # nobody considers anything
    WATCH = "watch"  # drafts are considered and people's decisions counted; nothing is approved
    ACT = "act"


class KillSwitch(Value):
    """While it is on nothing leaves, not even what was approved before."""

    on: bool = False
    by: str = ""  # an actor's label
    reason: str = ""
    at: datetime | None = None


class Guardrails(Value):
    """Whom we may contact. An empty rule is not active; all active rules must pass."""

    company_stages: tuple[Entry, ...] = ()  # HubSpot lifecycle stages that are allowed
    industries: tuple[Entry, ...] = ()  # HubSpot industries that are allowed
    employees_at_least: int | None = Field(default=None, ge=0)
    employees_at_most: int | None = Field(default=None, ge=0)
    excluded_companies: tuple[Entry, ...] = ()  # names or mail domains
    refuse_owner_conflict: bool = True  # the CRM record belongs to somebody who is not the operator
    refuse_open_deal: bool = False
    refuse_existing_customer: bool = False

    @field_validator("employees_at_most")
    @classmethod
    def _some_size(cls, most: int | None, told: ValidationInfo) -> int | None:
        least = told.data.get("employees_at_least")
        if most is not None and least is not None and most < least:
            raise ValueError(f"should not be less than employees_at_least, {least}")
        return most


class Quotas(Value):
    """How often. Days are the sender's, windows of days roll; 0 lets nothing leave. A book of so many places still fits one document."""

    workspace_per_day: int = Field(default=50, ge=0, le=1000)
    workspace_per_week: int = Field(default=200, ge=0, le=3000)
    mailbox_per_day: int = Field(default=20, ge=0, le=1000)
    new_threads_per_contact_7_days: int = Field(default=1, ge=0, le=100)
    follow_ups_per_contact_7_days: int = Field(default=2, ge=0, le=100)
    answers_per_mailbox_per_day: int = Field(default=200, ge=0, le=1000)


class Weights(Value):
    """Risk points per violation."""

    high: Points = 50
    medium: Points = 20
    low: Points = 10
    personal_data: Points = 25
    by_check: dict[Name, Points] = {"forbidden_word": 10, "stage_mismatch": 40, "industry_mismatch": 30, "previously_bounced": 30}
    most_of_check: dict[Name, Points] = {"forbidden_word": 40}
    cap: int = Field(default=100, ge=1, le=100)


class Window(Value):
    """When a mail may arrive, in the recipient's own time, `end` not included; weekdays count Monday as 0. Answers are not bound by it."""

    start: time = time(8)
    end: time = Field(default=time(18), validate_default=True)
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    touches: tuple[Touch, ...] = (Touch.OUTREACH, Touch.FOLLOW_UP)

    @field_validator("start", "end")
    @classmethod
    def _in_the_recipients_zone(cls, clock: time) -> time:
        if clock.tzinfo is not None:
            raise ValueError("should be a time without a zone: it is the recipient's own")
        return clock

    @field_validator("end")
    @classmethod
    def _within_a_day(cls, end: time, told: ValidationInfo) -> time:
        if "start" in told.data and end <= told.data["start"]:
            raise ValueError(f"should be later on the same day than start, {told.data['start']:%H:%M}")
        return end

    @field_validator("weekdays")
    @classmethod
    def _some_day(cls, weekdays: tuple[int, ...]) -> tuple[int, ...]:
        if not weekdays or not set(weekdays) <= set(range(7)):
            raise ValueError("should name days from 0 (Monday) to 6")
        return weekdays


class Pace(Value):
    """How a mailbox sends: never two mails at once, and not like a clock."""

    hold_s: int = Field(default=15, ge=0, le=3600)  # in which an approval can be undone
    gap_s: int = Field(default=20, ge=0, le=3600)  # between two mails of one mailbox
    jitter_s: int = Field(default=10, ge=0, le=3600)  # added by chance to what waits for a window or a gap

    @property
    def hold(self) -> timedelta:
        return timedelta(seconds=self.hold_s)

    @property
    def gap(self) -> timedelta:
        return timedelta(seconds=self.gap_s)


class AutoApproval(Value):
    """The rules that may stand in for a person, by name with their confidence, and what a decision has to reach.

    A rule's confidence is also the share of unchanged approvals it has to have earned (`autonomy`).
    """

    stance: Stance = Stance.OFF
    rules: dict[AutoRule, Confidence] = {
        AutoRule.REPLIED_BEFORE: 0.95,
        AutoRule.KNOWN_GOOD: 0.90,
        AutoRule.HIGH_ICP: 0.85,
        AutoRule.APPROVED_TEMPLATE: 0.90,
    }
    threshold: Share = 0.90
    threshold_of: dict[DocumentId, Share] = {}  # by operator id
    sampled: float = Field(default=0.05, ge=0.05, le=0.10)  # of its decisions still go to a person
    answers_to_people: bool = False  # whether a mail that answers what a person wrote may leave unseen
    wordings: dict[Name, Wording] = {}  # the templates that are approved, by a name of your own; drafts show theirs

    def threshold_for(self, operator_id: OperatorId) -> float:
        return self.threshold_of.get(operator_id, self.threshold)

    def trusts(self, rule: str) -> bool:
        """Whether what this rule has approved may still leave."""
        return self.stance is Stance.ACT and rule in set(self.rules)


class Flag(Value):
    """A feature that some of a workspace's things have: the same ones every time."""

    percent: int = Field(default=0, ge=0, le=100)

    def holds_for(self, name: str, id: str) -> bool:
        """Always the same for an id; whoever has it at some percentage keeps it at every higher one."""
        return int(derived_id("flag", name, id)[:8], 16) % 100 < self.percent


class Rules(Value):
    """What a policy says, without who said it when: the part that is changed, compared, previewed and rolled back."""

    mode: Mode = Mode.DRAFT_ONLY
    send_operators: tuple[OperatorId, ...] = ()  # who may send in SEND_ALLOWED; empty: everybody
    kill_switch: KillSwitch = KillSwitch()
    flags: dict[Name, Flag] = {}
    guardrails: Guardrails = Guardrails()
    quotas: Quotas = Quotas()
    weights: Weights = Weights()
    auto_approval: AutoApproval = AutoApproval()
    window: Window = Window()
    pace: Pace = Field(default=Pace(), validate_default=True)
    compliance: Compliance = Compliance()
    tracking: Tracking = Tracking()
    allowed_recipients: tuple[Entry, ...] = ()  # addresses or domains; outside production nobody else is ever sent to

    @field_validator("pace")
    @classmethod
    def _can_be_taken_back(cls, pace: Pace, told: ValidationInfo) -> Pace:
        auto: AutoApproval | None = told.data.get("auto_approval")
        if auto is not None and auto.stance is Stance.ACT and pace.hold_s < LEAST_HOLD_S:
            raise ValueError(f"hold_s should be at least {LEAST_HOLD_S} while auto_approval.stance is act, to take a mail back")
        return pace

    @property
    def operators_named(self) -> dict[OperatorId, str]:
        """Everybody these rules speak of, with the field that does; a name that is no operator's id would mean nobody."""
        thresholds = {OperatorId(one): "auto_approval.threshold_of" for one in self.auto_approval.threshold_of}
        return thresholds | dict.fromkeys(self.send_operators, "send_operators")

    def sends_for(self, operator_id: OperatorId) -> bool:
        return self.mode is Mode.SEND_ALLOWED and (not self.send_operators or operator_id in self.send_operators)

    def has(self, flag: str, id: str) -> bool:
        """Whether the thing with this id has the feature; nothing has a feature nobody has named."""
        return flag in self.flags and self.flags[flag].holds_for(flag, id)

    def allows_outside_production(self, recipient: str) -> bool:
        address = recipient.strip().lower()
        known = {one.strip().lower().removeprefix("@") for one in self.allowed_recipients}
        return address in known or address.rpartition("@")[2] in known


class Policy(Entity):
    """`policies/current`. Version 0 is what holds before anybody has decided anything."""

    collection: ClassVar[str] = "policies"

    version: int = 0
    rules: Rules = Rules()
    changed_by: Actor | None = None
    changed_at: datetime | None = None
    reason: str = ""

    def changed(self, rules: Rules, *, by: Actor, reason: str, at: datetime) -> Self:
        return self.model_copy(
            update={"version": self.version + 1, "rules": rules, "changed_by": by, "changed_at": at, "reason": reason},
        )


class PolicyVersion(Entity):
    """`policy_versions/{version}`: every policy that was ever in force, for whoever looks back or rolls back. Written once."""

    collection: ClassVar[str] = "policy_versions"

    policy: Policy
    at: datetime


@lru_cache(maxsize=64)
def default_policy(workspace_id: WorkspaceId) -> Policy:
    return Policy(id=CURRENT, workspace_id=workspace_id)


def version_id(version: int) -> str:
    return f"v{version:06d}"

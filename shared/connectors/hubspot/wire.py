"""HubSpot's own shapes, as far as we read them, and how they become domain types. Used by client and adapter."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shared.domain.ids import WorkspaceId
from shared.domain.people import Company, Contact, Deal
from shared.domain.submission import FormEntry, FormField

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CONTACT_PROPERTIES = (
    "email", "firstname", "lastname", "jobtitle", "phone", "country", "hs_timezone", "lifecyclestage", "hs_lead_status",
    "hubspot_owner_id", "associatedcompanyid", "hs_merged_object_ids", "hs_additional_emails",
    "hs_legal_basis", "hs_email_optout",
)  # fmt: skip
COMPANY_PROPERTIES = (
    "name",
    "domain",
    "industry",
    "numberofemployees",
    "city",
    "country",
    "lifecyclestage",
    "hubspot_owner_id",
    "hs_ideal_customer_profile",
)
DEAL_PROPERTIES = ("dealname", "dealstage", "amount", "hs_is_closed", "hubspot_owner_id")

LONGEST_PROPERTY, LONGEST_NAME, LONGEST_URL = 500, 100, 2000
LONGEST_ANSWER, LONGEST_FORM, MOST_ANSWERS = 10_000, 40_000, 100
"""Characters and answers that are read: a run with its whole context has to fit into one document of the store."""


def _as_text(value: Any) -> Any:
    """Ids are numbers in some answers and strings in others; submitted values may be anything."""
    if value is None or isinstance(value, str):
        return value or ""
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)


Text = Annotated[str, BeforeValidator(_as_text)]


class Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Next(Wire):
    after: Text


class Paging(Wire):
    next: Next | None = None


class Page(Wire):
    paging: Paging | None = None

    @property
    def after(self) -> str | None:
        """The cursor of the following page."""
        return self.paging.next.after if self.paging and self.paging.next else None


class ObjectRow(Wire):
    """One CRM object: values are strings, or null when asked for and unset."""

    id: Text = Field(min_length=1)
    properties: dict[str, str | None]
    created_at: datetime = Field(alias="createdAt")
    updated_at: datetime = Field(alias="updatedAt")
    archived: bool = False

    def value(self, name: str) -> str:
        return (self.properties.get(name) or "").strip()

    def brief(self, name: str) -> str:
        return self.value(name)[:LONGEST_PROPERTY]


class ObjectPage(Page):
    results: tuple[ObjectRow, ...]
    total: int | None = None


class BatchFault(Wire):
    category: str | None = None
    message: str = ""


class Batch(Wire):
    """A 200 or a 207: what worked and what did not, in HubSpot's own order."""

    status: str
    results: tuple[ObjectRow, ...]
    errors: tuple[BatchFault, ...] = ()


class AssociationRow(Wire):
    to_object_id: Text = Field(alias="toObjectId", min_length=1)


class AssociationPage(Page):
    results: tuple[AssociationRow, ...]


class SubmittedValue(Wire):
    name: str
    value: Text = ""


class SubmissionRow(Wire):
    submitted_at: int = Field(alias="submittedAt", ge=0, le=4_102_444_800_000)
    values: tuple[SubmittedValue, ...]
    page_url: Text = Field("", alias="pageUrl")

    @property
    def moment(self) -> datetime:
        return EPOCH + timedelta(milliseconds=self.submitted_at)


class SubmissionPage(Page):
    results: tuple[SubmissionRow, ...]


class FormRow(Wire):
    id: str
    name: str = ""


class FormPage(Page):
    results: tuple[FormRow, ...]


class ErrorBody(Wire):
    """Both envelopes: the usual one has a category, that of a 429 a policy."""

    message: str = ""
    category: str = ""
    correlation_id: str = Field("", alias="correlationId")
    policy_name: str = Field("", alias="policyName")


def contact_from(row: ObjectRow, *, workspace_id: WorkspaceId) -> Contact:
    return Contact(
        id=row.id,
        workspace_id=workspace_id,
        email=row.brief("email"),
        first_name=row.brief("firstname"),
        last_name=row.brief("lastname"),
        job_title=row.brief("jobtitle"),
        phone=row.brief("phone"),
        country=row.brief("country"),
        timezone=zone_from(row.brief("hs_timezone")),
        lifecycle_stage=row.brief("lifecyclestage"),
        lawful_basis=row.brief("hs_legal_basis"),
        opted_out=row.brief("hs_email_optout").lower() == "true",
        lead_status=row.brief("hs_lead_status"),
        owner_id=row.brief("hubspot_owner_id"),
        company_id=row.brief("associatedcompanyid"),
        merged_from=tuple(part for part in row.value("hs_merged_object_ids").split(";") if part),
        other_emails=tuple(part.strip().lower() for part in row.value("hs_additional_emails").split(";") if part.strip()),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def company_from(row: ObjectRow, *, workspace_id: WorkspaceId) -> Company:
    employees = row.brief("numberofemployees")
    return Company(
        id=row.id,
        workspace_id=workspace_id,
        name=row.brief("name") or row.brief("domain"),
        domain=row.brief("domain"),
        industry=row.brief("industry"),
        employees=int(employees) if employees.isdecimal() else None,
        city=row.brief("city"),
        country=row.brief("country"),
        lifecycle_stage=row.brief("lifecyclestage"),
        owner_id=row.brief("hubspot_owner_id"),
        icp_tier=row.brief("hs_ideal_customer_profile"),
    )


def deal_from(row: ObjectRow, *, workspace_id: WorkspaceId) -> Deal:
    return Deal(
        id=row.id,
        workspace_id=workspace_id,
        name=row.brief("dealname"),
        stage=row.brief("dealstage"),
        amount=row.brief("amount"),
        closed=row.brief("hs_is_closed") == "true",
        owner_id=row.brief("hubspot_owner_id"),
    )


def entry_from(row: SubmissionRow, *, form: FormRow) -> FormEntry | None:
    """None for a submission without an address: nobody could be answered."""
    email = next((one.value.strip().lower() for one in row.values if one.name == "email"), "")
    if not email:
        return None
    return FormEntry(
        form_id=form.id,
        form_name=form.name,
        submitted_at=row.moment,
        email=email,
        fields=tuple(_answers(row.values)),
        page_url=row.page_url[:LONGEST_URL],
    )


def _answers(values: Sequence[SubmittedValue]) -> Iterator[FormField]:
    """In the form's order, until the form says more than anybody reads."""
    left = LONGEST_FORM
    for one in values[:MOST_ANSWERS]:
        kept = one.value[: min(LONGEST_ANSWER, left)]
        left -= len(kept)
        yield FormField(name=one.name[:LONGEST_NAME], value=kept)


def zone_from(value: str) -> str:
    """HubSpot writes America/New_York as america_slash_new_york; empty for what is no zone."""
    return _zones().get(value.lower().replace("_slash_", "/").replace("_hyphen_", "-"), "") if value else ""


@cache
def _zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


def in_chunks(ids: Sequence[str], size: int) -> list[Sequence[str]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]

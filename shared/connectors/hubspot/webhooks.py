"""What a webhook body says, in each of its three shapes, as hints. Called by the webhook function; loads nothing heavy."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError

from shared.connectors.hubspot.customised import LATEST_MS, customised_hint, moment
from shared.connectors.hubspot.whole_text import whole
from shared.domain.hints import HintSource, Ignored, Parsed, ParsedHint
from shared.ports.errors import Rejected

BATCH_LIMIT = 100
CONTACT_TYPE = "0-1"
CONVERSION = "recent_conversion_date"

RecordId = Annotated[StrictInt, Field(gt=0, lt=2**63)]
Milliseconds = Annotated[StrictInt, Field(ge=0, le=LATEST_MS)]
M = TypeVar("M", bound=BaseModel)


class _Told(BaseModel):
    """A part of a body; what we do not know is ignored, HubSpot adds fields without notice."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class _EventHead(_Told):
    subscription_type: str = Field(alias="subscriptionType")
    object_type_id: str = Field(CONTACT_TYPE, alias="objectTypeId")
    property_name: str | None = Field(None, alias="propertyName")


class _Event(_Told):
    event_id: StrictInt = Field(alias="eventId")
    portal_id: RecordId = Field(alias="portalId")
    object_id: RecordId = Field(alias="objectId")
    occurred_at: Milliseconds = Field(alias="occurredAt")


class _Value(_Told):
    value: str | None = None


class _FormSubmission(_Told):
    timestamp: Milliseconds
    form_id: str = Field(alias="form-id", min_length=1)
    conversion_id: str = Field("", alias="conversion-id")


class _LegacyContact(_Told):
    vid: RecordId
    canonical_vid: RecordId | None = Field(None, alias="canonical-vid")
    portal_id: RecordId = Field(alias="portal-id")
    properties: dict[str, _Value]
    form_submissions: tuple[_FormSubmission, ...] = Field((), alias="form-submissions")


def parse_webhook(body: bytes, *, delivery_key: str = "") -> Parsed:
    """Hints to store and events to ignore. Raises Rejected naming the field that is wrong.

    A customised body may hold nothing that tells one submission from the next of the same person: `delivery_key` (the
    request's signature, say) keeps their hints apart. Telling one submission twice is harmless, losing one is not.
    """
    data = _json(body)
    if isinstance(data, list):
        return _batch(data)
    if not isinstance(data, dict):
        raise _rejected("expected an object or an array of events", "body")
    if "vid" in data and isinstance(data.get("properties"), dict):
        return Parsed(hints=(_legacy_hint(data),))
    return Parsed(hints=(customised_hint(data, delivery_key=delivery_key),))


def _json(body: bytes) -> Any:
    try:
        return whole(body)
    except (ValueError, RecursionError) as error:
        raise _rejected("not JSON", "body") from error


def _batch(data: list[Any]) -> Parsed:
    """One event that cannot be read takes none of the others along: HubSpot repeats a batch only as a whole, and would lose them all."""
    if not data or len(data) > BATCH_LIMIT:
        raise _rejected(f"expected 1 to {BATCH_LIMIT} events, got {len(data)}", "body")
    read = [_understood(row, index) for index, row in enumerate(data)]
    refused = {index: one for index, one in enumerate(read) if isinstance(one, Rejected)}
    if len(refused) == len(data):
        raise refused[0]
    return Parsed(
        hints=tuple(one for one in read if isinstance(one, ParsedHint)),
        ignored=tuple(one for one in read if isinstance(one, Ignored)),
        refused=tuple(Ignored(index=index, reason=error.detail) for index, error in refused.items()),
    )


def _understood(row: Any, index: int) -> ParsedHint | Ignored | Rejected:
    try:
        return _event(row, index)
    except Rejected as error:
        return error


def _event(row: Any, index: int) -> ParsedHint | Ignored:
    head = _read(_EventHead, row, f"[{index}]")
    reason = _uninteresting(head)
    if reason:
        return Ignored(index=index, reason=reason)
    event = _read(_Event, row, f"[{index}]")
    return ParsedHint(
        source=HintSource.SUBSCRIPTION,
        portal_id=str(event.portal_id),
        contact_id=str(event.object_id),
        occurred_at=moment(event.occurred_at),
        event_key=f"{head.subscription_type}/{event.event_id}",
    )


def _uninteresting(head: _EventHead) -> str:
    """Why this event cannot stand for a submission; empty when it can: a contact appeared, or converted (again)."""
    kind, _, happening = head.subscription_type.rpartition(".")
    if kind not in ("contact", "object") or (kind == "object" and head.object_type_id != CONTACT_TYPE):
        return f"{head.subscription_type}: not about a contact"
    if happening == "creation" or (happening == "propertyChange" and head.property_name == CONVERSION):
        return ""
    return f"{head.subscription_type}: tells nothing about a form"


def _legacy_hint(data: Mapping[str, Any]) -> ParsedHint:
    contact = _read(_LegacyContact, data, "")
    latest = max((one.timestamp for one in contact.form_submissions), default=None)
    newest = [one for one in contact.form_submissions if one.timestamp == latest]
    only = newest[0] if len(newest) == 1 else None  # two of one moment: it may mean either, so it names none
    email = contact.properties.get("email")
    return ParsedHint(
        source=HintSource.WORKFLOW_LEGACY,
        portal_id=str(contact.portal_id),
        contact_id=str(contact.canonical_vid or contact.vid),
        email=(email.value or "").strip().lower() if email else "",
        form_id=only.form_id if only else "",
        submitted_at=moment(only.timestamp) if only else None,
        occurred_at=moment(latest) if latest is not None and only is None else None,
        event_key="/".join(sorted(one.conversion_id for one in newest)),
    )


def _read(model: type[M], data: Any, prefix: str) -> M:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise _rejected(first["msg"], _path(prefix, first["loc"]) or "body") from error


def _path(prefix: str, location: tuple[int | str, ...]) -> str:
    """`[3].objectId`, `form-submissions[0].timestamp`."""
    written = prefix
    for part in location:
        written += f"[{part}]" if isinstance(part, int) else f".{part}" if written else part
    return written


def _rejected(detail: str, field: str) -> Rejected:
    return Rejected(f"{field}: {detail}", field=field, source="hubspot")

"""Configured webhooks and the bodies HubSpot sends to them: the customised and the legacy workflow object, the event batch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from emulators.hubspot.records import Record
from emulators.hubspot.schema import BY_ALIAS

BATCH_LIMIT = 100


class Shape(StrEnum):
    WORKFLOW = "workflow"  # exactly the keys that were configured
    WORKFLOW_LEGACY = "workflow-legacy"  # the whole contact in its v1 form
    SUBSCRIPTION = "subscription"  # an array of CRM events


@dataclass(frozen=True)
class Hook:
    """Where to send what. `public_url` is what gets signed when it differs from the address that is called.

    `keys` names the customised body's keys: a contact property, `hs_object_id` (sent as a number), or a constant after `=`.
    `events` are subscription types, with `[0-1]` for one type alone and `:jobtitle` for one property alone; `forms` limits a workflow
    hook to these form ids; `ids` are the subscriptions' own ids, where they have some.
    """

    id: str
    url: str
    shape: Shape
    signature: str | None = "v3"
    public_url: str | None = None
    events: tuple[str, ...] = ("contact.creation",)
    forms: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: Mapping[str, Any], default_id: str) -> "Hook":
        """From JSON; raises TypeError, ValueError or KeyError for what is not a hook."""
        known = {"id": default_id, **data, "shape": Shape(data["shape"])}
        for name in ("events", "forms"):
            if name in known:
                known[name] = tuple(known[name])
        if known.get("signature") not in (None, "v1", "v2", "v3") and "signature" in known:
            raise ValueError(f"signature {known['signature']!r} is not one of v1, v2, v3")
        return cls(**known)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def signed_url(self) -> str:
        return self.public_url or self.url


@dataclass(frozen=True)
class Happening:
    """Something that hooks may tell about: a record created, changed (perhaps through a form), or what `event` says (deletion, merge)."""

    record: Record
    at: datetime
    created: bool
    source: str  # CRM, FORM, INTEGRATION
    changed: Mapping[str, str] = field(default_factory=dict)
    submission: Mapping[str, Any] | None = None
    event: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


DEFAULT_KEYS = {"email": "email", "firstname": "firstname", "lastname": "lastname", "company": "company", "hs_object_id": "hs_object_id"}


def customised(hook: Hook, happening: Happening) -> dict[str, Any]:
    """Record ids arrive as JSON numbers, everything else as it is stored; unset properties are null."""
    values: dict[str, Any] = {}
    for key, source in (hook.keys or DEFAULT_KEYS).items():
        value = source[1:] if source.startswith("=") else happening.record.properties.get(source)
        values[key] = int(value) if source == "hs_object_id" and value else value
    return values


def legacy_contact(
    happening: Happening,
    *,
    portal_id: int,
    company: Record | None,
    submissions: Sequence[Mapping[str, Any]],
    forms: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """The contact as the retired v1 API wrote it."""
    record, vid = happening.record, int(happening.record.id)
    body: dict[str, Any] = {
        "vid": vid,
        "canonical-vid": vid,
        "merged-vids": [int(part) for part in record.properties.get("hs_merged_object_ids", "").split(";") if part],
        "portal-id": portal_id,
        "is-contact": True,
        "properties": {name: _versioned(value, happening.at) for name, value in record.properties.items()},
        "form-submissions": [_legacy_submission(row, portal_id, forms) for row in submissions],
        "list-memberships": [],
        "identity-profiles": [_identity_profile(record, happening.at)],
        "merge-audits": [],
    }
    if company is not None:
        properties = {name: {"value": value} for name, value in company.properties.items()}
        body["associated-company"] = {"company-id": int(company.id), "portal-id": portal_id, "properties": properties}
    return body


def events(hook: Hook, happening: Happening, *, portal_id: int, app_id: int, first_event_id: int) -> list[dict[str, Any]]:
    """The events of this happening that the hook is subscribed to; `attemptNumber` is set at delivery."""
    possible = [(_subscribed(hook, name, more), name, more) for name, more in _possible_events(happening)]
    wanted = [(key, name, more) for key, name, more in possible if key]
    return [
        {
            "eventId": first_event_id + index,
            "subscriptionId": hook.ids.get(key, subscription_id(hook, name)),
            "portalId": portal_id,
            "appId": app_id,
            "occurredAt": milliseconds(happening.at),
            "subscriptionType": name,
            "attemptNumber": 0,
            "objectId": int(happening.record.id),
            "changeSource": happening.source,
            **more,
        }
        for index, (key, name, more) in enumerate(wanted)
    ]


def _subscribed(hook: Hook, name: str, more: Mapping[str, Any]) -> str:
    """The entry of the hook's events this event answers to; empty when there is none."""
    typed, changed = f"{name}[{more.get('objectTypeId', '')}]", more.get("propertyName", "")
    return next((key for key in (f"{typed}:{changed}", typed, f"{name}:{changed}", name) if key in hook.events), "")


def subscription_id(hook: Hook, event: str) -> int:
    return 3_000_000 + sum(event.encode()) + sum(hook.id.encode())


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _possible_events(happening: Happening) -> Iterator[tuple[str, dict[str, Any]]]:
    kind = BY_ALIAS[happening.record.kind]
    if happening.event:
        yield f"{kind.singular}.{happening.event}", dict(happening.more)
        yield f"object.{happening.event}", {**happening.more, "objectTypeId": kind.type_id}
        return
    if happening.created:
        yield f"{kind.singular}.creation", {"changeFlag": "CREATED", "sourceId": "emulator"}
        yield "object.creation", {"changeFlag": "CREATED", "sourceId": "emulator", "objectTypeId": kind.type_id}
        return
    for name, value in happening.changed.items():
        told = {"propertyName": name, "propertyValue": value}
        yield f"{kind.singular}.propertyChange", told
        yield "object.propertyChange", {**told, "objectTypeId": kind.type_id}


def _versioned(value: str, at: datetime) -> dict[str, Any]:
    version = {
        "value": value,
        "source-type": "FORM",
        "source-id": None,
        "source-label": None,
        "timestamp": milliseconds(at),
        "selected": False,
    }
    return {"value": value, "versions": [version]}


def _legacy_submission(row: Mapping[str, Any], portal_id: int, forms: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    form = forms.get(row["formId"], {})
    return {
        "conversion-id": row["conversionId"],
        "timestamp": row["submittedAt"],
        "form-id": row["formId"],
        "portal-id": portal_id,
        "page-url": row.get("pageUrl"),
        "page-title": row.get("pageName"),
        "title": form.get("name", ""),
        "form-type": str(form.get("formType", "hubspot")).upper(),
        "meta-data": [],
        "contact-associated-by": ["EMAIL"],
    }


def _identity_profile(record: Record, at: datetime) -> dict[str, Any]:
    stamp = milliseconds(at)
    identities = [{"type": "LEAD_GUID", "value": f"00000000-0000-4000-8000-{int(record.id):012d}", "timestamp": stamp}]
    if "email" in record.properties:
        primary: dict[str, Any] = {"type": "EMAIL", "value": record.properties["email"], "timestamp": stamp, "is-primary": True}
        identities.insert(0, primary)
    return {"vid": int(record.id), "saved-at-timestamp": stamp, "deleted-changed-timestamp": 0, "identities": identities}

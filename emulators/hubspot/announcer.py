"""Turns what happened in a portal into deliveries for the configured hooks, and signs them as they leave."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from emulators.hubspot.hooks import BATCH_LIMIT, Happening, Hook, Shape, customised, events, legacy_contact, milliseconds
from emulators.hubspot.outbox import Announcements
from emulators.hubspot.records import Record
from emulators.hubspot.schema import BY_ALIAS
from emulators.hubspot.signing import signature_headers
from emulators.hubspot.state import Portal
from emulators.push import Push


class Announcer:
    def __init__(self, portal: Portal, app_id: int, secret: str) -> None:
        self.portal, self.app_id, self._secret = portal, app_id, secret
        self.hooks: dict[str, Hook] = {}
        self.outbox = Announcements(portal.clock, self.hooks.get)
        self.next_event_id = 100_001

    def configure(self, rows: Sequence[Mapping[str, Any]]) -> list[Hook]:
        """Add hooks; raises TypeError, ValueError or KeyError for a bad one and adds none."""
        parsed = [Hook.parse(row, f"hook-{len(self.hooks) + index}") for index, row in enumerate(rows, start=1)]
        self.hooks.update((hook.id, hook) for hook in parsed)
        return parsed

    def announce(self, happenings: Sequence[Happening]) -> None:
        """Everything of one write at once: subscriptions get it in batches, workflows one object per submission."""
        for hook in list(self.hooks.values()):
            if hook.shape is Shape.SUBSCRIPTION:
                self._announce_events(hook, happenings)
            else:
                self._announce_enrolments(hook, happenings)

    def signature(self, push: Push, now: datetime) -> Mapping[str, str]:
        """The seal of one attempt: the same body is signed anew, with a new timestamp, every time it leaves."""
        hook = self.hooks.get(push.route.removeprefix("hubspot.deliver."))
        if hook is None or hook.signature is None:
            return {}
        stamp = milliseconds(now)
        return signature_headers(
            hook.signature, secret=self._secret, method=push.method, uri=hook.signed_url, body=push.body, timestamp_ms=stamp
        )

    def dump(self) -> dict[str, Any]:
        return {"hooks": [hook.to_json() for hook in self.hooks.values()], "next_event_id": self.next_event_id}

    def load(self, data: Mapping[str, Any]) -> None:
        self.next_event_id = data["next_event_id"]
        self.configure(data["hooks"])

    def _announce_events(self, hook: Hook, happenings: Sequence[Happening]) -> None:
        told: list[dict[str, Any]] = []
        for happening in happenings:
            new = events(hook, happening, portal_id=self.portal.portal_id, app_id=self.app_id, first_event_id=self.next_event_id)
            self.next_event_id += len(new)
            told += new
        for start in range(0, len(told), BATCH_LIMIT):
            self.outbox.add(hook.id, hook.shape, told[start : start + BATCH_LIMIT])

    def _announce_enrolments(self, hook: Hook, happenings: Sequence[Happening]) -> None:
        for happening in happenings:
            submission = happening.submission
            if submission is None or (hook.forms and submission["formId"] not in hook.forms):
                continue
            body = customised(hook, happening) if hook.shape is Shape.WORKFLOW else self._legacy(happening)
            self.outbox.add(hook.id, hook.shape, body)

    def _legacy(self, happening: Happening) -> dict[str, Any]:
        email = happening.record.properties.get("email")
        own = [row for row in self.portal.submissions if email is not None and row.get("email") == email]
        company = self._primary_company(happening.record)
        newest_first = sorted(own, key=lambda row: -row["submittedAt"])
        return legacy_contact(
            happening, portal_id=self.portal.portal_id, company=company, submissions=newest_first, forms=self.portal.forms
        )

    def _primary_company(self, contact: Record) -> Record | None:
        company_id = self.portal.primary_company_id(contact.id)
        return None if company_id is None else self.portal.records.surviving(BY_ALIAS["companies"], company_id)

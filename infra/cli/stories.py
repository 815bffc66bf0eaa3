"""One submission from the form to Gmail and HubSpot, as gathered from the API and the vendors. Used by demo and submit-form."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from infra.cli.arrivals import Arrival, arrivals_of
from infra.cli.client import Api, Found
from infra.cli.landing import Landing, Observed, landing_of
from infra.cli.vendors import GmailDraft, GmailView, HubSpotView


@dataclass(frozen=True)
class Visit:
    """A form somebody filled in. `at` is the suite's time."""

    name: str
    email: str
    form: str  # its title
    at: datetime
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Story:
    visit: Visit
    arrivals: tuple[Arrival, ...]
    run: Found | None
    draft: Found | None
    landing: Landing

    @property
    def is_true(self) -> bool:
        return not self.landing.missing

    def to_json(self) -> dict[str, Any]:
        visit = {**asdict(self.visit), "at": self.visit.at.isoformat()}
        arrivals = [{**asdict(one), "told": one.told} for one in self.arrivals]
        return {"visit": visit, "arrivals": arrivals, "run": self.run, "draft": self.draft, "landing": self.landing.to_json()}


@dataclass(frozen=True)
class Storyteller:
    """Everything there is to know, asked of whoever knows it."""

    api: Api
    gmail: GmailView
    hubspot: HubSpotView

    def tell(self, visit: Visit, run_id: str | None) -> Story:
        run = self.api.run(run_id) if run_id else None
        draft = self.api.draft(run["draft_id"]) if run and run.get("draft_id") else None
        contact_id = self.hubspot.contact_id(visit.email)
        arrivals = arrivals_of(contact_id, self.hubspot.deliveries(), self.hubspot.hooks(), since=visit.at)
        return Story(visit, arrivals, run, draft, landing_of(run, draft, self._observed(visit.email, contact_id)))

    def _observed(self, email: str, contact_id: str) -> Observed:
        drafts = [one for one in self.gmail.drafts() if email.lower() in one.recipients]
        note_properties, task_properties = ("hs_note_body",), ("hs_task_body", "hs_task_subject", "hs_timestamp", "hs_task_priority")
        return Observed(
            drafts=drafts,
            thread=self._thread(drafts),
            written_in=frozenset(self.gmail.threads_with(email)),
            notes=self.hubspot.activities("notes", contact_id, properties=note_properties) if contact_id else (),
            tasks=self.hubspot.activities("tasks", contact_id, properties=task_properties) if contact_id else (),
        )

    def _thread(self, drafts: list[GmailDraft]) -> tuple[Mapping[str, Any], ...]:
        return tuple(self.gmail.thread(drafts[0].thread_id)) if len(drafts) == 1 else ()

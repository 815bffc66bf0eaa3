"""A running suite that every journey starts from in the same state, and what a journey asks of it."""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.publisher.transports.grpc import PublisherGrpcTransport
from google.pubsub_v1.types import PubsubMessage

from emulators.faults import Fault, Kind
from emulators.hubspot.schema import BY_ALIAS
from infra.seed.loader import HOOK_TOKEN, Seeded, seed, submit_form
from infra.suite import Suite, is_official
from shared.domain.agent_run import AgentRun
from shared.domain.chores import CHORES, ChoreRecord
from shared.domain.dead_letter import UNROUTED, DeadLetter
from shared.domain.draft import Draft
from shared.domain.entity import Entity
from shared.domain.hints import Hint
from shared.domain.holds import Hold
from shared.domain.outbox import Outgoing, Queue
from shared.domain.run import Run
from shared.gcp.firestore import FirestoreStore
from shared.ports.store import Put, Remove
from shared.runtime.clock import RandomIds, SystemClock
from shared.wiring import ports

NEVER = datetime(2100, 1, 1, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DEMO, CONTACT, GUIDE = "5f0c2b8e-demo", "5f0c2b8e-contact", "5f0c2b8e-guide"
JONAS = "jonas.keller@halden-foods.example"
ENUMERATION = "every step is tried many times over: hours on Google's emulators"
"""Why a test needs our own emulators: `@pytest.mark.embedded(ENUMERATION)`."""


class World:
    """The suite with frozen time; `settle` and `advance` move it."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.seeded: Seeded = seed(suite)
        self.start = suite.clock.now()
        self.store = FirestoreStore(settings=suite.settings, clock=SystemClock(), ids=RandomIds())
        self.put_off()
        self._baseline = json.dumps({name: service.dump() for name, service in suite.emulators.items() if name != "oidc"})

    def rewind(self) -> None:
        """Back to the moment after seeding, with healthy vendors."""
        os.environ.pop("OPENAI_API_KEY", None)
        ports.interpose(lambda _, adapter: adapter)
        if is_official():
            self.suite.pubsub.reset()  # what failed before goes on being redelivered, and nothing can wait for that
        self.suite.settler.settle()
        self.suite.clock.advance(self.start - self.suite.clock.now())
        for name, state in json.loads(self._baseline).items():
            service = self.suite.emulators[name]
            service.faults.clear()
            service.load(state)
            if hasattr(service, "calls"):
                service.calls.clear()
        self.store = FirestoreStore(settings=self.suite.settings, clock=SystemClock(), ids=RandomIds())

    def put_off(self) -> None:
        """No chore is due in a journey that does not ask for it: other journeys are told without them."""
        for chore in CHORES:
            self.store.commit(Put(ChoreRecord(id=chore.queue, workspace_id=self.workspace_id, period=NEVER)))

    def let_come(self, *queues: Queue) -> None:
        """These chores are due like everywhere else."""
        for queue in queues:
            self.store.commit(Remove(ChoreRecord(id=queue, workspace_id=self.workspace_id, period=NEVER)))

    def use_language_model(self) -> None:
        """Functions built from now on have a key; the emulated OpenAI answers until the next rewind."""
        os.environ["OPENAI_API_KEY"] = "sk-emulated"
        os.environ["OPENAI_BASE_URL"] = self.suite.urls["openai"] + "/v1"
        ports.interpose(lambda _, adapter: adapter)

    @property
    def workspace_id(self) -> Any:
        return self.seeded.workspace.id

    def submit(self, email: str = JONAS, *, form: str = DEMO, **fields: str) -> None:
        """A prospect presses the button."""
        given = {"firstname": "Jonas", "lastname": "Keller", "message": "Could we see a demo for chilled products?"} | fields
        submit_form(self.suite.urls["hubspot"], self.seeded.workspace.crm.portal_id, form, {"email": email, **given})

    def earn_a_refusal(self, email: str) -> None:
        """A mail of theirs whose subject carries a link: an answer keeps the subject, and the gate refuses the link."""
        address = self.seeded.operator.email
        mail = {"from": email, "to": address, "subject": "See https://rival.example/offer", "text": "Could we talk?"}
        self.suite.gmail.deliver(address, mail, at=self.suite.clock.now() - timedelta(hours=2))

    def settle(self) -> None:
        self.suite.settler.settle()

    def advance(self, **by: float) -> None:
        self.suite.settler.advance(timedelta(**by))

    def run_to_the_end(self, *, hours: float = 1) -> None:
        """Let every retry and sweep within the horizon happen."""
        self.suite.settler.run_until_quiet(horizon=timedelta(hours=hours))

    def fail(self, service: str, route: str, kind: Kind = Kind.STATUS, **options: Any) -> None:
        self.suite.emulators[service].faults.add(Fault(route=f"{service}.{route}", kind=kind, **options))

    def heal(self, service: str) -> None:
        self.suite.emulators[service].faults.clear()

    def all(self, kind: type[Entity]) -> list[Any]:
        return [one.entity for one in self.store.list(kind, workspace_id=self.workspace_id, limit=500)]

    @property
    def runs(self) -> list[Run]:
        return self.all(Run)

    @property
    def only_run(self) -> Run:
        [run] = self.runs
        return run

    @property
    def drafts(self) -> list[Draft]:
        return self.all(Draft)

    @property
    def hints(self) -> list[Hint]:
        return self.all(Hint)

    @property
    def holds(self) -> list[Hold]:
        return sorted(self.all(Hold), key=lambda one: (one.draft_id, one.start))

    @property
    def held_events(self) -> list[dict[str, Any]]:
        """Events of ours that stand in the operator's calendar, from the emulator's own books."""
        events = self.calendar.events.values()
        return [one for one in events if one["status"] != "cancelled" and "salesAgent" in str(one.get("extendedProperties"))]

    @property
    def calendar(self) -> Any:
        return self.suite.calendar.state.calendars[self.seeded.operator.email]

    @property
    def outbox(self) -> list[Outgoing]:
        return self.all(Outgoing)

    @property
    def dead_letters(self) -> list[DeadLetter]:
        return self.all(DeadLetter)

    @property
    def agent_runs(self) -> list[AgentRun]:
        return self.all(AgentRun)

    # What stands in the vendors' own books
    def gmail_drafts(self) -> list[str]:
        """Ids of the drafts in the operator's mailbox, from the emulator's own books."""
        return list(self.mailbox.drafts)

    def gmail_draft_text(self, draft_id: str) -> str:
        return self.mailbox.draft_message(draft_id).raw.decode()

    @property
    def mailbox(self) -> Any:
        return self.suite.gmail.mailboxes[self.seeded.operator.email]

    def crm(self, kind: str) -> list[dict[str, Any]]:
        """All living records of a type, from the emulator's own books: they answer even while its API is down."""
        return [record.to_json() for record in self.suite.hubspot.portal.records.alive(BY_ALIAS[kind])]

    def notes(self) -> list[dict[str, Any]]:
        return self.crm("notes")

    def tasks(self) -> list[dict[str, Any]]:
        return self.crm("tasks")

    def deliver_again(self) -> None:
        """HubSpot repeats everything it has ever delivered."""
        for delivery in list(self.suite.hubspot.deliveries()):
            self.suite.hubspot.deliver_again(delivery.id)

    @property
    def hook_address(self) -> str:
        return f"{self.suite.urls['functions']}/form-webhook/{HOOK_TOKEN}"

    def publish(self, topic: str, data: bytes) -> None:
        """Something arrives on a topic that none of our functions has published."""
        channel = grpc.insecure_channel(self.suite.urls["google"])
        client = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
        client.publish(topic=f"projects/sales-agent-local/topics/{topic}", messages=[PubsubMessage(data=data)])
        self.settle()
        channel.close()

    def dead_letters_everywhere(self) -> list[DeadLetter]:
        unrouted = self.store.list(DeadLetter, workspace_id=UNROUTED)
        return [*self.dead_letters, *(one.entity for one in unrouted)]

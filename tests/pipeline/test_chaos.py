"""Seeded chaos over every route of vendors and Google: whatever fails, in the end each submission has had its effects exactly once."""

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_string, policy

import pytest

from emulators.faults import Fault, Kind
from shared.domain.draft import DraftState
from shared.domain.hints import HintState
from shared.domain.outbox import Queue
from shared.domain.run import RunState
from tests.pipeline.test_crashes import MARKER
from tests.pipeline.world import DEMO, ENUMERATION, GUIDE, JONAS, World

pytestmark = pytest.mark.embedded(ENUMERATION)

PERSONS = {
    JONAS: (DEMO, {"firstname": "Jonas", "lastname": "Keller"}),
    "ida.vang@halden-foods.example": (DEMO, {"firstname": "Ida", "lastname": "Vang"}),
    "lea@nordwind-textil.example": (GUIDE, {"firstname": "Lea", "lastname": "Brandt"}),
    "tom@harbour-hotels.example": (GUIDE, {"firstname": "Tom", "lastname": "Reed", "company": "Harbour Hotels"}),
    "a.prospect.of.the.demo@gmail.com": (GUIDE, {"firstname": "Sam", "lastname": "Okafor"}),
}
QUESTIONS = ("Could we see a demo for chilled products?", "Do you also have an example for fresh goods?", "How long does a pilot take?")

BROKEN = (Kind.STATUS, Kind.DROP_BEFORE, Kind.DROP_AFTER)
VENDOR = (*BROKEN, Kind.MALFORMED, Kind.DELAY)  # a vendor that does the work twice for one request cannot be undone by us
CARRIED = (*BROKEN, Kind.DUPLICATE, Kind.REORDER, Kind.DELAY)
ROUTES: Mapping[tuple[str, str], Sequence[Kind]] = {
    **{("hubspot", route): VENDOR for route in ("[!s]*", "submissions.list", "forms.get", "contacts.*", "companies.*", "deals.*")},
    **{("hubspot", route): VENDOR for route in ("notes.create", "tasks.create", "notes.*", "tasks.*", "associations.list")},
    ("hubspot", "deliver.*"): CARRIED,
    **{("gmail", route): VENDOR for route in ("*", "drafts.*", "drafts.create", "drafts.update", "drafts.list", "threads.get")},
    **{(service, "*"): VENDOR for service in ("calendar", "drive", "oauth2")},
    **{("firestore", route): BROKEN for route in ("*", "Commit", "BatchGetDocuments", "RunQuery")},
    ("secretmanager", "*"): BROKEN,
    ("pubsub", "Publish"): (*BROKEN, Kind.DUPLICATE),
    ("tasks", "CreateTask"): BROKEN,
    **{("pubsub", route): CARRIED for route in ("deliver.*", "deliver.draft.gated*", "deliver.lead.received*")},
    ("tasks", "deliver.*"): CARRIED,
}


@dataclass(frozen=True)
class Visit:
    email: str
    question: str
    pause_s: float  # until the next one; negative when the clock is set back


def visits(chance: random.Random) -> Iterator[Visit]:
    for _ in range(chance.randint(2, 5)):
        pause = chance.choice((0.01, 1, 20, 90, 400, -300))
        yield Visit(chance.choice(list(PERSONS)), chance.choice(QUESTIONS), pause)


def troubles(chance: random.Random) -> Iterator[tuple[str, Fault]]:
    for _ in range(chance.randint(3, 10)):
        (service, route), kinds = chance.choice(list(ROUTES.items()))
        yield (
            service,
            Fault(
                route=f"{service}.{route}",
                kind=chance.choice(list(kinds)),
                status=chance.choice((429, 500, 502, 503)),
                delay_s=0.02,
                after=chance.choice((0, 0, 1, 2, 3, 5, 8)),
                times=chance.randint(1, 3),
            ),
        )


def set_back(world: World, by: timedelta) -> None:
    """Our clock is wrong for a while; HubSpot stamps no submission in that time."""
    world.suite.clock.advance(-by)
    world.advance(seconds=30)
    world.suite.clock.advance(by)


def let_loose(world: World, seed: int) -> None:
    chance = random.Random(seed)
    for service, fault in troubles(chance):
        world.suite.emulators[service].faults.add(fault)
    for visit in visits(chance):
        form, fields = PERSONS[visit.email]
        world.submit(visit.email, form=form, **fields, message=visit.question)
        if chance.random() < 0.7:
            world.settle()
        if visit.pause_s < 0:
            set_back(world, timedelta(seconds=-visit.pause_s))
        else:
            world.advance(seconds=visit.pause_s)
    world.run_to_the_end(hours=0.5)
    for service in world.suite.emulators.values():
        service.faults.clear()
    world.run_to_the_end(hours=0.75)


def announced_alike(world: World) -> bool:
    """Two submissions left HubSpot as one and the same request, byte for byte: only who reads the form can tell that there were two."""
    deliveries = world.suite.hubspot.deliveries()
    sent = {(json.dumps(one.body), attempt.at, one.id) for one in deliveries for attempt in one.attempts}
    return len({(body, at) for body, at, _ in sent}) < len(sent)


def submitted(world: World) -> Counter[tuple[str, int]]:
    return Counter((row["email"], row["submittedAt"]) for row in world.suite.hubspot.portal.submissions)


def assert_everything_happened_once(world: World) -> None:
    entries = [run.context.job.entry for run in world.runs if run.context]
    assert Counter((one.email, round(one.submitted_at.timestamp() * 1000)) for one in entries) == submitted(world)
    assert Counter(run.state for run in world.runs) == {RunState.DONE: len(entries)}
    assert {hint.state for hint in world.hints} == {HintState.RESOLVED}
    assert (world.outbox, world.dead_letters_everywhere()) == ([], [])
    assert_crm_was_told_once(world)
    assert_one_draft_each(world)


def assert_crm_was_told_once(world: World) -> None:
    runs = [run.id for run in world.runs]
    told = [mark for note in world.notes() for mark in MARKER.findall(note["properties"]["hs_note_body"])]
    asked = [mark for task in world.tasks() for mark in MARKER.findall(task["properties"]["hs_task_body"])]
    assert Counter(told) == Counter(f"SA-{id}-note" for id in runs)
    assert Counter(asked) == Counter(f"SA-{id}-task" for id in runs)
    assert max(Counter(one["properties"].get("email") for one in world.crm("contacts")).values()) == 1


def assert_one_draft_each(world: World) -> None:
    """For each person the draft of the newest submission, and nothing else."""
    newest = {run.recipient: run for run in sorted(world.runs, key=lambda run: run.context.job.entry.submitted_at)}  # type: ignore[union-attr]
    mails = [message_from_string(world.gmail_draft_text(one), policy=policy.default) for one in world.gmail_drafts()]
    assert Counter(str(one["X-Sales-Agent-Draft"]) for one in mails) == Counter(run.draft_id for run in newest.values())
    standing = {draft.id: draft.placement.gmail_draft_id for draft in world.drafts if draft.state is DraftState.PENDING and draft.placement}
    assert sorted(standing.values()) == sorted(world.gmail_drafts())
    assert all(draft.state in (DraftState.PENDING, DraftState.SUPERSEDED) for draft in world.drafts)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.nightly) for seed in range(8, 400))])
def test_after_any_trouble_every_submission_has_had_its_effects_once(world: World, seed: int) -> None:
    let_loose(world, seed)
    if announced_alike(world):
        world.let_come(Queue.POLL_FORMS)
        world.run_to_the_end(hours=0.25)
    assert_everything_happened_once(world)

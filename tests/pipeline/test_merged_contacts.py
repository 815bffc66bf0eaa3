"""Contacts merged in HubSpot: a form filled in with the second address is a submission of its own, found at once, and answered once."""

from datetime import timedelta

import httpx

from shared.domain.hints import HintSource, HintState
from shared.domain.outbox import Queue
from shared.domain.run import RunState
from tests.pipeline.world import DEMO, JONAS, World

PRIVATE = "jonas@keller-family.example"


def merged(world: World) -> None:
    """Two records of one person become one, which keeps the firm's address and answers to the other as well."""
    headers, contacts = {"Authorization": f"Bearer {world.suite.hubspot.token}"}, f"{world.suite.urls['hubspot']}/crm/v3/objects/contacts"
    with httpx.Client(headers=headers, trust_env=False) as hubspot:
        known = hubspot.get(f"{contacts}/{JONAS}", params={"idProperty": "email"}).json()
        other = hubspot.post(contacts, json={"properties": {"email": PRIVATE}}).json()
        hubspot.post(f"{contacts}/merge", json={"primaryObjectId": known["id"], "objectIdToMerge": other["id"]}).raise_for_status()


def test_a_form_filled_in_with_the_second_address_of_a_merged_contact_is_answered_once(world: World) -> None:
    world.let_come(Queue.POLL_FORMS)
    world.advance(seconds=1)
    world.submit(JONAS, form=DEMO)
    world.settle()
    merged(world)
    world.run_to_the_end(hours=0.3)
    [first] = world.runs

    world.advance(hours=2)
    world.submit(PRIVATE, form=DEMO, message="One more thing: which data do you need?")
    asked = world.suite.clock.now()
    world.settle()
    [second] = [run for run in world.runs if run.id != first.id]
    assert (second.recipient, second.state, second.updated_at - asked < timedelta(minutes=1)) == (PRIVATE, RunState.DONE, True)
    assert second.context is not None
    assert second.context.identity.contact.email == JONAS
    assert second.context.identity.contact.other_emails == (PRIVATE,)

    world.run_to_the_end(hours=0.5)
    assert len(world.runs) == 2
    assert (len(world.notes()), len(world.tasks())) == (2, 2)
    assert HintSource.POLL not in {hint.announced.source for hint in world.hints}
    assert {hint.state for hint in world.hints} == {HintState.RESOLVED}

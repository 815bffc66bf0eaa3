"""From a form to a draft in Gmail and an entry in HubSpot, through every function, with the vendors healthy."""

import base64
import json
from email import message_from_string, policy

import httpx

from shared.domain.draft import DraftState
from shared.domain.hints import HintState
from shared.domain.run import RunState
from shared.domain.verdict import Outcome
from tests.pipeline.world import CONTACT, DEMO, GUIDE, JONAS, World

FREE_MAIL = "a.prospect.of.the.demo@gmail.com"


def states(world: World) -> list[RunState]:
    return [step.state for step in world.only_run.history]


def test_a_known_contact_in_a_known_thread_gets_a_reply_draft_in_that_thread(world: World) -> None:
    world.submit(JONAS)
    world.settle()

    run, [draft], [gmail_id] = world.only_run, world.drafts, world.gmail_drafts()
    assert run.state is RunState.DONE
    assert run.context is not None
    assert run.context.identity.found
    assert run.context.identity.company is not None
    assert run.context.identity.company.name == "Halden Foods"
    assert draft.verdict is not None
    assert draft.verdict.outcome in (Outcome.PASS, Outcome.WARN)
    mail = message_from_string(world.gmail_draft_text(gmail_id), policy=policy.default)
    assert mail["To"] is not None
    assert JONAS in mail["To"]
    assert mail["In-Reply-To"] == "<halden-3@halden-foods.example>"
    assert mail["Subject"] == "Re: Forecasting for chilled products"
    assert world.mailbox.draft_message(gmail_id).thread_id == draft.thread_id == draft.placement.thread_id  # type: ignore[union-attr]


def test_the_run_passes_every_state_once_and_in_order(world: World) -> None:
    world.submit(JONAS)
    world.settle()

    usual = ["received", "planned", "drafted", "gated", "placed", "logged", "done"]
    assert [state.value for state in states(world)] == usual
    assert not world.outbox
    assert not world.dead_letters


def test_every_sentence_of_the_draft_says_what_it_rests_on(world: World) -> None:
    world.submit(JONAS)
    world.settle()

    [draft] = world.drafts
    known = {one.id for one in draft.evidence}
    assert draft.text.sentences
    assert all(set(one.sources) <= known for one in draft.text.sentences)
    assert all(one.sources for one in draft.text.sentences if one.kind == "documented")


def test_hubspot_gets_one_note_and_one_task_due_in_a_day(world: World) -> None:
    world.submit(JONAS)
    world.settle()

    [note], [task] = world.notes(), world.tasks()
    assert world.only_run.id in note["properties"]["hs_note_body"]
    assert task["properties"]["hs_timestamp"].startswith("2026-11-24T09:00")
    assert world.only_run.crm is not None
    assert (world.only_run.crm.note_id, world.only_run.crm.task_id) == (note["id"], task["id"])


def test_a_new_company_gets_a_draft_in_a_new_thread(world: World) -> None:
    world.submit("lea@nordwind-textil.example", form=CONTACT, firstname="Lea", lastname="Brandt", company="Nordwind Textil")
    world.settle()

    run, [draft] = world.only_run, world.drafts
    assert run.state is RunState.DONE
    assert run.context is not None
    assert run.context.identity.company is None
    assert draft.thread_id == ""
    assert len(world.gmail_drafts()) == 1


def test_a_free_mail_address_is_nobodys_company(world: World) -> None:
    world.submit(FREE_MAIL, form=GUIDE, firstname="Sam", lastname="Okafor")
    world.settle()

    run = world.only_run
    assert run.state is RunState.DONE
    assert run.context is not None
    assert run.context.identity.company is None


def test_an_open_draft_of_ours_is_refreshed_when_the_person_submits_again(world: World) -> None:
    world.submit(JONAS)
    world.settle()
    [first] = world.gmail_drafts()
    world.advance(minutes=30)

    world.submit(JONAS, message="One more thing: do you also have an example for fresh goods?")
    world.settle()

    assert world.gmail_drafts() == [first]
    states = {draft.id: draft.state for draft in world.drafts}
    assert sorted(states.values()) == [DraftState.PENDING, DraftState.SUPERSEDED]
    [standing] = [draft for draft in world.drafts if draft.state is DraftState.PENDING]
    assert standing.id in world.gmail_draft_text(first)


def test_a_draft_the_operator_has_edited_is_left_alone(world: World) -> None:
    world.submit(JONAS)
    world.settle()
    [gmail_id] = world.gmail_drafts()
    edited = world.gmail_draft_text(gmail_id).replace("Kind regards", "Hej då").replace("Best,", "Hej då,")
    thread_id = world.mailbox.draft_message(gmail_id).thread_id
    world.mailbox.replace_draft(
        gmail_id, edited.encode() + b"PS: I wrote this myself.\r\n", at=world.suite.clock.now(), thread_id=thread_id
    )
    before = world.gmail_draft_text(gmail_id)
    world.advance(minutes=30)

    world.submit(JONAS, message="Any news on the demo for chilled products?")
    world.settle()

    assert world.gmail_drafts() == [gmail_id]
    assert world.gmail_draft_text(gmail_id) == before
    assert sorted(draft.state for draft in world.drafts) == [DraftState.EDITED_OUTSIDE, DraftState.SUPERSEDED]
    assert all(run.state is RunState.DONE for run in world.runs)
    assert len(world.notes()) == 2


def test_a_draft_the_operator_began_in_that_thread_is_not_joined_by_ours(world: World) -> None:
    own = (
        b"From: mara@tidewater.example\r\nTo: jonas.keller@halden-foods.example\r\nSubject: Re: Forecasting for chilled products\r\n\r\nHi"
    )
    thread_id = next(iter(world.mailbox.messages.values())).thread_id
    world.mailbox.add_draft(own, at=world.suite.clock.now(), thread_id=thread_id)

    world.submit(JONAS)
    world.settle()

    assert len(world.gmail_drafts()) == 1
    assert "draft of their own" in world.only_run.placement_note
    assert world.only_run.state is RunState.DONE
    assert len(world.tasks()) == 1


def test_one_submission_announced_by_all_three_webhooks_twice_and_backwards_is_one_run(world: World) -> None:
    address = world.suite.urls["functions"] + "/form-webhook"
    keys = {"email": "email", "objectId": "hs_object_id", "formId": f"={CONTACT}"}
    world.suite.hubspot.announcer.hooks.clear()
    world.suite.hubspot.add_hooks(
        [
            {"id": "a", "url": world.hook_address, "shape": "workflow", "signature": "v3", "keys": keys},
            {"id": "b", "url": address, "shape": "workflow-legacy", "signature": "v2"},
            {"id": "c", "url": address, "shape": "subscription", "signature": "v1", "events": ["contact.creation", "object.creation"]},
        ]
    )
    world.suite.hubspot.hold_deliveries()
    world.submit("lea@nordwind-textil.example", form=CONTACT, firstname="Lea", lastname="Brandt")
    world.suite.hubspot.release_deliveries(backwards=True)
    world.settle()
    world.deliver_again()
    world.advance(minutes=5)

    assert len(world.hints) >= 3
    assert {hint.state for hint in world.hints} == {HintState.RESOLVED}
    assert {hint.run_id for hint in world.hints} == {world.only_run.id}
    assert world.only_run.state is RunState.DONE
    assert (len(world.gmail_drafts()), len(world.notes()), len(world.tasks())) == (1, 1, 1)


def test_the_handle_of_an_announcement_leads_to_its_run_in_the_api(world: World) -> None:
    world.submit(JONAS)
    world.settle()
    [hint] = world.hints
    headers = {"Authorization": f"Bearer {world.seeded.api_token}"}
    base = world.suite.urls["functions"] + "/api"

    by_handle = httpx.get(f"{base}/runs/{hint.id}", headers=headers).json()
    drafts = httpx.get(f"{base}/drafts", headers=headers).json()["items"]

    assert by_handle["id"] == world.only_run.id
    assert by_handle["progress"] == "SUCCESS"
    assert [step["state"] for step in by_handle["history"]][-1] == "done"
    assert httpx.get(f"{base}/drafts/{drafts[0]['id']}", headers=headers).json()["body"]
    assert httpx.get(f"{base}/runs/{hint.id}").status_code == 401
    assert httpx.get(f"{base}/runs/run_unknown", headers=headers).status_code == 404


def test_a_forged_signature_is_refused_and_stores_nothing(world: World) -> None:
    answer = httpx.post(world.hook_address, json={"email": JONAS, "formId": DEMO}, headers={"X-HubSpot-Signature": "0" * 64})
    world.settle()

    assert answer.status_code == 401
    assert not world.hints


def test_a_poison_message_becomes_a_dead_letter_and_is_acknowledged(world: World) -> None:
    world.publish("lead.received", b"\xff not json \x00")
    world.publish("lead.received", json.dumps({"workspace_id": "tidewater", "id": "../../secrets"}).encode())
    world.run_to_the_end()

    letters = world.dead_letters_everywhere()
    assert len(letters) == 2
    assert {letter.function for letter in letters} == {"plan"}
    assert not world.runs


def test_a_message_nobody_can_process_ends_in_dead_letters_after_its_attempts(world: World) -> None:
    world.fail("firestore", "BatchGetDocuments", status=503)
    world.publish("lead.received", json.dumps({"workspace_id": "tidewater", "id": "evt_1"}).encode())
    world.run_to_the_end(hours=2)
    world.heal("firestore")
    world.run_to_the_end(hours=8)

    letters = world.dead_letters_everywhere()
    assert [letter.function for letter in letters] == ["plan"]
    assert base64.b64encode(letters[0].payload.encode())

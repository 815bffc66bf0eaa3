"""Forms filled in to break something: the run ends, a person is told, nothing else suffers."""

import json

import httpx
import pytest

from shared.domain.run import RunState
from tests.pipeline.world import CONTACT, World

LEA = "lea@nordwind-textil.example"
HARMLESS = {
    "a header in the name": {"firstname": "Lea\r\nBcc: everybody@rival.example"},
    "text that runs backwards in the name": {"firstname": "\u202eaeL"},
    "a null character in the name": {"firstname": "Le\x00a"},
    "null and direction in the message": {"message": "Could we \x00 see \u202e a demo?"},
    "markup in the name": {"firstname": "<script>alert(1)</script>"},
    "a link as company": {"company": "[our price](http://rival.example/x)"},
    "a very long name": {"firstname": "Lea" * 2000},
    "a very long message": {"message": "Could we see a demo? " * 60_000},
    "a message in three-byte characters": {"message": "€" * 200_000},
    "thirty long answers": {f"q{number}": "y" * 60_000 for number in range(30)},
    "a reserved name": {"__type__": "value", "": "nothing"} | {"__proto__": "x"},
}


def submitted(world: World, fields: dict[str, str]) -> None:
    """As JSON with ASCII escapes, like a browser that has cut an emoji in two."""
    values = {"email": LEA, "firstname": "Lea", "lastname": "Brandt"} | {name: value for name, value in fields.items() if name}
    body = {"fields": [{"objectTypeId": "0-1", "name": name, "value": value} for name, value in values.items()]}
    portal = world.seeded.workspace.crm.portal_id
    url = f"{world.suite.urls['hubspot']}/submissions/v3/integration/submit/{portal}/{CONTACT}"
    httpx.post(url, content=json.dumps(body), headers={"Content-Type": "application/json"}, timeout=10).raise_for_status()


@pytest.mark.parametrize("fields", HARMLESS.values(), ids=HARMLESS)
def test_what_is_only_odd_is_answered_like_any_form(world: World, fields: dict[str, str]) -> None:
    submitted(world, fields)
    world.settle()

    assert world.only_run.state is RunState.DONE
    assert (len(world.gmail_drafts()), len(world.notes()), len(world.tasks())) == (1, 1, 1)
    text = world.gmail_draft_text(world.gmail_drafts()[0])
    assert "rival.example" not in text
    assert len(text) < 6000


def test_half_a_character_in_one_form_does_not_hide_the_forms_of_others(world: World) -> None:
    submitted(world, {"message": "Could we see a demo? \ud83d"})
    world.submit("tom@harbour-hotels.example", form=CONTACT, firstname="Tom", lastname="Reed")
    world.run_to_the_end()

    assert len(world.runs) == len(world.gmail_drafts()) == 2
    assert {run.state for run in world.runs} == {RunState.DONE}

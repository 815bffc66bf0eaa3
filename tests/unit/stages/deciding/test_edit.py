"""Edit: an operator's own words become the draft's next text, judged anew, and nobody's revision is lost."""

import pytest

from shared.agents.quality_gate.agent import DeterministicGate
from shared.domain.draft import DraftState, Revision, SentenceClass
from shared.domain.run import RunState
from shared.domain.sends import Touch
from shared.domain.verdict import Outcome
from shared.ports.errors import Conflict, NotFound, Rejected
from shared.stages.deciding.ask_anew import ask_anew
from shared.stages.deciding.edit import edit
from shared.stages.deciding.regenerate import regenerate
from tests.builders import WORKSPACE, a_contact, a_context, a_draft_text, a_verdict, a_violation, a_workspace, an_identity, at
from tests.fakes.agents import ScriptedAgent
from tests.footers import a_footer
from tests.unit.agents.quality_gate.judging import judged
from tests.unit.stages.desk import JO, MARIA, DeskWorld
from tests.unit.stages.world import a_gated_run, work

FAILED = a_verdict(outcome=Outcome.FAIL, violations=(a_violation(check="secret", reason="It contains a key."),))
BODY = a_draft_text().body


@pytest.fixture
def world() -> DeskWorld:
    return DeskWorld()


def test_an_edited_draft_is_judged_stored_and_owed_to_gmail(world: DeskWorld):
    world.later(minutes=3)
    edited = world.say("Thank you, Ana.")
    assert edited == world.draft()
    assert (edited.revision, edited.revised_by, edited.revised_at, edited.verdict) == (2, MARIA, at(minutes=3), a_verdict())
    assert (edited.text.sentences[0].kind, edited.text.body) == (
        SentenceClass.OPERATOR,
        BODY.replace("Thanks for reaching out.", "Thank you, Ana."),
    )
    assert (world.gate.asked[0]["draft"].text, world.gate.asked[0]["now"]) == (edited.text, at(minutes=3))
    assert ([one.id for one in world.outbox.flushed], world.actions) == (["draft-1-written-2-0"], ["draft.edited"])


def test_the_text_before_is_kept_with_its_verdict(world: DeskWorld):
    world.say("One.")
    world.later(minutes=1)
    world.say("Two.")
    first, second = world.store.everything(Revision)
    assert (first.number, first.text, first.verdict, first.by) == (1, a_draft_text(), a_verdict(), None)
    assert (second.number, second.text.sentences[0].text, second.by, second.at) == (2, "One.", MARIA, at())


def test_looking_at_a_text_without_changing_it_changes_nothing(world: DeskWorld):
    before = world.draft()
    assert world.edit(BODY.replace("\n", "\r\n")) == before == world.draft()
    assert (world.gate.asked, world.actions, world.outbox.flushed) == ([], [], [])


def test_what_the_gate_refuses_stays_out_of_gmail_and_can_be_edited_again(world: DeskWorld):
    world.gate.answer = FAILED
    edited = world.say("The key is sk-live-123.")
    assert (edited.state, edited.verdict, world.outbox.flushed) == (DraftState.PENDING, FAILED, [])
    world.gate.answer = a_verdict()
    assert world.say("No key here.").verdict == a_verdict()
    assert world.outbox.destinations == ["write-draft"]


def test_two_who_edit_the_same_revision_lose_nothing_and_the_second_is_told(world: DeskWorld):
    world.say("Mine.")
    with pytest.raises(Conflict, match="the text was changed by maria at 2026-11-23 09:00 UTC: look again"):
        world.edit(BODY, revision=1, by=JO)
    assert world.draft().text.sentences[0].text == "Mine."


def test_of_two_who_edit_at_once_the_second_is_told(world: DeskWorld):
    def meanwhile(**_: object) -> object:
        world.gate.answer = a_verdict()
        world.edit(BODY.replace("Thanks", "Many thanks"), by=JO)
        return a_verdict()

    world.gate.answer = meanwhile
    with pytest.raises(Conflict, match="changed by jo at"):
        world.say("Mine.")
    assert (world.draft().revision, world.draft().revised_by) == (2, JO)


def test_a_decided_draft_is_edited_no_more(world: DeskWorld):
    world.approve(by=JO)
    with pytest.raises(Rejected, match="approved already by jo") as refusal:
        world.say("Too late.")
    assert refusal.value.status == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"body": " \n "}, "body"),
        ({"body": "x" * 20_001}, "body"),
        ({"body": "a\x00b"}, "body"),
        ({"body": "Pay \u202e001 EUR"}, "body"),
        ({"body": "a\x9b31mb"}, "body"),
        ({"subject": "s" * 501}, "subject"),
        ({"subject": "\ud800"}, "subject"),
        ({"subject": " "}, "subject"),
    ],
)
def test_what_cannot_be_a_mail_is_refused_by_its_field(world: DeskWorld, changes: dict[str, str], field: str):
    with pytest.raises(Rejected) as refusal:
        world.edit(**{"body": BODY, **changes})
    assert refusal.value.field == field
    assert world.draft().revision == 1


def test_an_answer_keeps_the_subject_of_its_conversation():
    world = DeskWorld(thread_id="t1")
    with pytest.raises(Rejected, match="keeps the subject"):
        world.edit(BODY, subject="Something else")
    world.edit(BODY + "PS: more.\n", subject=" Your logistics  summit")
    assert world.draft().text.own_subject is False


def test_a_time_that_is_no_longer_offered_is_in_doubt_no_more():
    world = DeskWorld(times_in_doubt=("for 400 guests in May", "Tuesday at 15:00"))
    assert world.say("Hello.").times_in_doubt == ("for 400 guests in May",)


def test_a_draft_that_never_stood_in_gmail_cannot_be_edited(world: DeskWorld):
    world.put(world.draft().model_copy(update={"placement": None}))
    with pytest.raises(Rejected, match="does not stand in Gmail"):
        world.say("Hello.")


def test_a_draft_of_another_workspace_is_not_there(world: DeskWorld):
    with pytest.raises(NotFound):
        edit(
            "elsewhere",
            "draft-1",
            subject="s",
            body="b",
            revision=1,
            actor=MARIA,
            trace_id="t",
            desk=world.desk,
            quality_gate=world.gate,
            stationery=world.stationery,
        )


@pytest.mark.parametrize(
    ("sentence", "outcome"),
    [
        ("We met Fabrikam at the expo in March, and 90 guests came.", Outcome.PASS),
        ("Our price is €900 for the day.", Outcome.PASS),
        ("Read https://rival.example/offer first.", Outcome.FAIL),
        ("The password is hunter2secret and the key AKIAIOSFODNN7EXAMPLE.", Outcome.FAIL),
        ("Ask petra@fabrikam.example about it.", Outcome.FAIL),
        ("Hello {first_name}, welcome.", Outcome.FAIL),
        ("Could you also send me your budget?", Outcome.FAIL),
        ("so " * 201, Outcome.FAIL),
    ],
)
def test_the_real_gate_lets_an_operator_claim_and_nothing_else(world: DeskWorld, sentence: str, outcome: Outcome):
    world.gate.answer = DeterministicGate().judge
    assert world.say(sentence).verdict.outcome is outcome  # type: ignore[union-attr]


def test_the_words_of_nobody_who_edited_are_still_checked_as_inventions(world: DeskWorld):
    text = a_draft_text()
    claimed = text.sentences[0].model_copy(update={"text": "It costs €900.", "kind": SentenceClass.OPERATOR})
    forged = text.model_copy(update={"paragraphs": ((claimed,), text.paragraphs[1])})
    assert forged.edited == ""
    world.put(world.draft().model_copy(update={"text": forged}))
    world.gate.answer = DeterministicGate().judge
    assert judged(world.draft()).outcome is Outcome.FAIL


def without_an_address() -> DeskWorld:
    """A mail nobody asked for, which the gate has refused because its footer lacks the postal address."""
    world = DeskWorld(touch=Touch.OUTREACH, footer=a_footer(postal_address=""), verdict=FAILED)
    agreed = a_contact(country="Germany", lawful_basis="Freely given consent from contact")
    world.put(a_gated_run(state=RunState.PLACED, context=a_context(identity=an_identity(contact=agreed))))
    world.store.save_workspace(workspace=a_workspace(postal_address=""))
    world.gate.answer = DeterministicGate().judge
    return world


def test_once_the_address_is_set_saving_the_same_text_gives_it_its_footer_and_the_gate_lets_it_pass():
    world = without_an_address()
    refused = world.edit(BODY + "PS: more.\n").verdict
    assert refused is not None
    assert "footer" in [one.check for one in refused.violations]
    world.store.save_workspace(workspace=a_workspace())
    saved = world.edit(world.draft().text.body)
    assert saved.footer is not None
    assert (saved.footer.postal_address, saved.revision) == (a_workspace().postal_address, 3)
    assert saved.verdict is not None
    assert [one.check for one in saved.verdict.violations if one.outcome is Outcome.FAIL] == []
    assert world.outbox.destinations == ["write-draft"]


def test_once_the_address_is_set_another_text_has_its_footer_too():
    world = without_an_address()
    world.store.save_workspace(workspace=a_workspace())
    ask_anew(WORKSPACE, "draft-1", instruction="", actor=MARIA, trace_id="t", desk=world.desk)
    regenerate(
        work("draft-1"),
        trace_id="t",
        desk=world.desk,
        thread_reader=ScriptedAgent(None),
        draft_writer=ScriptedAgent((a_draft_text(), world.draft().authorship)),
        quality_gate=world.gate,
        stationery=world.stationery,
    )
    draft = world.draft()
    assert draft.footer is not None
    assert draft.footer.postal_address == a_workspace().postal_address
    assert draft.verdict is not None
    assert [one.check for one in draft.verdict.violations if one.outcome is Outcome.FAIL] == []

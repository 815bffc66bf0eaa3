"""People are told what waits for them: bundled, once, never of what was decided, and whatever a place refuses holds up nothing."""

from datetime import timedelta

import pytest

from shared.domain.dead_letter import DeadLetter
from shared.domain.heard import MailboxState
from shared.domain.ids import OperatorId
from shared.domain.notices import Concern, Matter
from shared.domain.outbox import Queue
from shared.domain.places import Medium, Place
from shared.domain.run import RunState
from shared.domain.sends import SendState
from shared.domain.work import Work
from shared.ports.errors import OutcomeUnknown, Permanent, Rejected, Transient
from shared.ports.store import Put
from shared.stages.policy.policies import Policies
from shared.stages.telling.telling import tell
from shared.stages.telling.tending import tend
from tests.builders import OPERATOR, WORKSPACE, a_run, a_workspace, an_operator
from tests.unit.stages.crashing import Death, DyingStore
from tests.unit.stages.told import MAIL, SLACK, ToldWorld
from tests.unit.stages.wire import MARIA
from tests.unit.stages.world import JO


@pytest.fixture
def at() -> ToldWorld:
    return ToldWorld()


def test_nobody_is_told_anything_until_somebody_has_chosen_where():
    at = ToldWorld(slack_channel="", by_mail=False)
    at.waits(1)
    at.run_for(hours=1)
    assert (at.slack(), at.mail(), at.boards.opened) == ([], [], {})


def test_a_draft_that_waits_is_told_with_a_link_that_shows_it(at):
    at.waits(1)
    at.run_for(minutes=2)
    [told] = at.slack()
    assert told.title == "A draft for Ana Silva, Company 1 waits for you"
    assert [one.url for one in told.links] == ["https://sdr.example/console/drafts/draft_1", "https://sdr.example/console/queue"]
    assert [one.title for one in at.mail()] == [told.title]


def test_a_morning_of_sixty_forms_is_a_handful_of_notices(at):
    for number in range(60):
        at.waits(number)
        at.run_for(seconds=20)
    at.run_for(minutes=15)
    assert len(at.slack()) == 3
    assert at.slack()[-1].title == "60 drafts wait for you"
    assert len(at.slack()[-1].lines) == 6
    assert at.slack()[1].lines[-1].startswith("… and ")


def test_an_urgent_one_is_told_at_once_and_first(at):
    at.waits(1)
    at.waits(2, urgent=True)
    at.run_for(seconds=1)
    [told] = at.slack()
    assert told.lines == ("Urgent: Ana Silva, Company 2", "Ana Silva, Company 1")


def test_what_was_decided_before_is_not_told(at):
    at.waits(1)
    at.run_for(minutes=1)
    at.decided(1)
    at.run_for(hours=1)
    assert at.slack() == []
    assert at.book().due_at is None


def test_a_task_that_comes_twice_tells_once(at):
    at.waits(1)
    first = at.take()
    at.deliver(first)
    at.run_for(minutes=5)
    at.deliver(first)
    at.run_for(hours=1)
    assert len(at.slack()) == 1


def test_an_outage_of_slack_holds_up_no_mail_and_ends_with_one_notice(at):
    at.boards.at(SLACK).failing = Transient("Slack is away")
    for number in range(20):
        at.waits(number)
        at.run_for(minutes=9)
    assert (at.slack(), len(at.mail())) == ([], 18)
    at.boards.at(SLACK).failing = None
    at.run_for(minutes=16)
    assert [one.title for one in at.slack()] == ["20 drafts wait for you"]


def test_a_place_that_asks_for_a_wait_is_given_it(at):
    at.boards.at(SLACK).failing = Transient("no room", retry_after=timedelta(seconds=37))
    at.waits(1, urgent=True)
    at.run_for(seconds=1)
    assert at.book().due_at == at.clock.now() + timedelta(seconds=36)


def test_a_refusal_is_kept_in_words_and_tried_every_hour(at):
    at.boards.at(SLACK).failing = Permanent("there is no such channel: name another")
    at.waits(1, urgent=True)
    at.run_for(minutes=1)
    assert at.book().trouble == "there is no such channel: name another"
    at.boards.at(SLACK).failing = None
    at.run_for(hours=1)
    assert (len(at.slack()), at.book().trouble) == (1, "")


def test_a_mail_that_may_have_been_told_is_looked_for_and_not_told_twice(at):
    at.boards.at(MAIL).lost = OutcomeUnknown("no answer")
    at.waits(1, urgent=True)
    at.run_for(minutes=1)
    at.boards.at(MAIL).lost = None
    at.waits(2)
    at.run_for(hours=1)
    assert [one.title for one in at.mail()] == ["A draft for Ana Silva, Company 1 waits for you", "2 drafts wait for you"]


def test_slack_cannot_be_asked_and_is_told_again(at):
    at.boards.at(SLACK).lost = OutcomeUnknown("no answer")
    at.waits(1, urgent=True)
    at.run_for(minutes=1)
    at.boards.at(SLACK).lost = None
    at.run_for(hours=1)
    assert len(at.slack()) == 2


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("left", range(12))
def test_whoever_dies_anywhere_tells_by_mail_exactly_once(left, after):
    at = ToldWorld(slack_channel="")
    at.waits(1, urgent=True)
    dying = at.over(DyingStore(at.store, left=left, after=after))
    for _ in range(2):  # gathering, then telling
        task = at.take()
        try:
            at.deliver(task, dying)
        except Death:
            at.again(task)
    at.outbox.flush(entries=[one for one in at.store.everything(type(task)) if one.destination == Queue.NOTIFY])  # the sweep
    at.run_for(hours=1)
    assert len(at.mail()) == 1


def test_what_comes_while_a_notice_is_told_is_told_by_the_next(at):
    at.boards.at(SLACK).before = lambda: (setattr(at.boards.at(SLACK), "before", lambda: None), at.waits(2), at.deliver(at.take()))
    at.waits(1, urgent=True)
    at.run_for(seconds=1)
    assert len(at.slack()) == 1
    at.run_for(minutes=11)
    assert [one.title for one in at.slack()] == ["A draft for Ana Silva, Company 1 waits for you", "2 drafts wait for you"]


def test_a_turn_of_the_kill_switch_says_who_when_and_why(at):
    policies = Policies(store=at.store, outbox=at.outbox, clock=at.clock, audit=at.world.audit)
    policies.kill(workspace_id=WORKSPACE, by=MARIA, reason="Ana has called: stop")
    at.run_for(seconds=1)
    policies.release(workspace_id=WORKSPACE, by=MARIA, reason="it was a misunderstanding")
    at.run_for(seconds=1)
    assert [one.title for one in at.slack()] == [
        "The kill switch is on: nothing leaves",
        "The kill switch is released: mails leave again",
    ]
    assert at.slack()[0].lines == ("Raised by Maria Costa at 2026-11-23 09:00 UTC: Ana has called: stop",)
    assert len(at.mail()) == 2


def test_runs_that_fail_alike_are_one_line_and_rarer_and_rarer_notices(at):
    for number in range(60):
        failed = a_run(id=f"run_{number}", state=RunState.FAILED, failed_stage="draft", failure_reason="the portal refuses")
        at.store.commit(Put(failed))
        at.owe(Matter(concern=Concern.RUNS, id=failed.id, occasion="failed"))
        at.run_for(minutes=5)
    assert len(at.slack()) == 3
    assert at.slack()[0].lines[0] == "At draft: the portal refuses (run_0)"
    assert at.slack()[1].lines[0] == "At draft: the portal refuses (run_1)"


def test_a_letter_that_was_decided_and_a_mailbox_that_was_connected_are_not_told(at):
    letter = DeadLetter(
        id="dead_1", workspace_id=WORKSPACE, function="send", source="q", payload="{}", reason="no", received_at=at.clock.now()
    )
    box = MailboxState(id=OPERATOR, workspace_id=WORKSPACE, operator_id=OPERATOR, cursor="1", read_at=at.clock.now(), trouble="revoked")
    at.store.commit(Put(letter), Put(box))
    at.owe(Matter(concern=Concern.LETTERS, id="dead_1", occasion="open"))
    at.owe(Matter(concern=Concern.RECONNECT, id=OPERATOR, occasion="20261123T0900"))
    at.run_for(seconds=1)
    assert [one.title for one in at.slack()] == ["A message could not be processed", "An account has to be connected again"]
    assert at.slack()[1].links[0].url == "https://sdr.example/console/connect#of-google-maria"
    at.store.commit(Put(box.model_copy(update={"trouble": ""})))
    at.owe(Matter(concern=Concern.RECONNECT, id=OPERATOR, occasion="20261124T0900"))
    at.run_for(hours=1)
    assert len(at.slack()) == 2


def test_an_operators_own_place_hears_what_is_theirs_and_no_more(at):
    at.set(slack_channel="C0SALES001", operators=(an_operator(), JO.model_copy(update={"slack": "U0JO000001", "notices_by_mail": True})))
    at.waits(1)
    at.waits(2, operator_id=JO.id)
    at.run_for(minutes=3)
    own = at.boards.at(Place(medium=Medium.SLACK, operator_id=JO.id)).notices
    assert [len(at.slack()), len(own), len(at.mail(JO.id)), len(at.mail())] == [1, 1, 1, 0]
    assert "Company 2" in own[0].title


def test_a_place_that_was_taken_away_is_told_nothing_more(at):
    at.waits(1)
    at.run_for(seconds=1)
    at.set(operators=a_workspace().operators)
    at.run_for(hours=1)
    assert (at.slack(), at.book().waiting) == ([], ())


def test_a_task_that_was_lost_is_made_up_for(at):
    at.waits(1)
    at.deliver(at.take())
    at.outbox.flushed.clear()
    at._delivered = 0
    at.clock.advance(timedelta(minutes=15))
    assert tend(Work(workspace_id=WORKSPACE, id="20261123T0900"), at=at.at)
    at.run_for(minutes=1)
    assert len(at.slack()) == 1


def test_nothing_of_a_mail_and_no_address_stands_in_a_notice(at):
    draft = at.waits(1, company="<!channel> Evil\nhttps://evil.example", recipient_name="\u202eAna")
    at.run_for(minutes=3)
    told = at.slack()[0].model_dump_json()
    assert draft.recipient not in told
    assert draft.text.subject not in told
    assert all("\n" not in one and one.isprintable() for one in (at.slack()[0].title, *at.slack()[0].lines))


@pytest.mark.parametrize(
    "name",
    [
        "Sign in again at https://evil.example/login now",
        "HTTP://evil.example",
        "www.evil.example",
        "evil.example/login",
        "evil.example?sign=in",
        "mailto:x@evil.example",
        "ceo@evil.example",
        "javascript://evil.example",
        "https:/\u200b/evil.example/a",
        "evil.example:8080/x",
    ],
)
def test_a_name_from_a_form_is_no_address_that_a_mail_program_makes_a_link_of(at, name):
    at.waits(1, company=name, recipient_name=name)
    at.run_for(minutes=3)
    [told] = at.mail()
    shown = " ".join([told.title, *told.lines, *(one.label for one in told.links)])
    assert "evil.example" not in shown


def test_a_name_that_merely_has_a_dot_stays_as_it_is(at):
    at.waits(1, company="Booking.com B.V.", recipient_name="Dr. A. Silva")
    at.run_for(minutes=3)
    assert at.mail()[0].title == "A draft for Dr. A. Silva, Booking.com B.V. waits for you"


def test_a_draft_that_comes_while_a_notice_is_begun_makes_no_trouble_of_it():
    """The book changes between being read and being claimed."""
    at = ToldWorld(by_mail=False)
    at.waits(1, urgent=True)
    at.deliver(at.take())
    due = at.take()

    class Between(DyingStore):
        met = False

        def _called(self, call, args, kwargs):
            if call.__name__ == "commit" and not self.met:
                self.met = True
                at.waits(2)
                at.deliver(at.take())
            return call(*args, **kwargs)

    at.deliver(due, at.over(Between(at.store)))
    assert (len(at.book().waiting), at.book().trouble) == (2, "")
    at.run_for(minutes=5)
    [told] = at.slack()
    assert told.lines == ("Urgent: Ana Silva, Company 1", "Ana Silva, Company 2")


def test_a_storm_of_five_hundred_approvals_is_one_notice_of_a_few_lines(at):
    for number in range(500):
        at.waits(number)
    at.run_for(hours=1)
    assert len(at.slack()) == 1
    assert at.slack()[0].title == "500 drafts wait for you"
    assert len(at.slack()[0].lines) == 6


def test_work_that_names_nothing_is_refused(at):
    with pytest.raises(Rejected):
        tell(Work(workspace_id=WORKSPACE, id="nonsense"), at=at.at)


def test_states_of_sends_can_stand_in_the_key_of_a_matter():
    for state in SendState:
        matter = Matter(concern=Concern.SENDS, id="send_draft-1-2", occasion=state)
        assert Matter.from_work(matter.work_id) == matter
    assert Matter.from_work("20261123T0900") is None
    assert Matter.from_work("tell-slack-approvals-3") is None
    assert OperatorId("maria") == OPERATOR

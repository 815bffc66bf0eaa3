"""From the form to the recipient's mailbox without a person: a rule that has earned it, a check by chance, and a rule that has lost it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.domain.audit import ActorKind, AuditEntry, by_stage, entry_id
from shared.domain.auto_approval import draw_of
from shared.domain.autonomy import CONSIDERED
from shared.domain.considered import Answer, SamplingKey
from shared.domain.draft import Draft, DraftState, draft_id_for
from shared.domain.heard import Heard, heard_id
from shared.domain.outbox import Queue
from shared.domain.policy import CURRENT, AutoApproval, AutoRule, KillSwitch, Stance
from shared.domain.sends import Send, SendState
from shared.domain.submission import run_id_for, submission_id
from shared.ports.store import Put
from tests.builders import a_form_entry
from tests.pipeline.test_sending import MARA, decide, received
from tests.pipeline.world import DEMO, JONAS, World

LENA = "lena.vogt@halden-foods.example"
AUTO = AutoApproval(stance=Stance.ACT, answers_to_people=True)
"""Jonas has a conversation here in which he spoke last."""


@pytest.fixture
def world(world: World) -> World:
    """Jonas has written before; the rule about that has earned its autonomy with this operator's answers; mailboxes are listened to."""
    world.suite.gmail.mailbox(JONAS)
    decide(world, auto_approval=AUTO, allowed_recipients=(JONAS, LENA))
    world.store.commit(Put(SamplingKey(id=CURRENT, workspace_id=world.workspace_id, key=key_that_spares(next_draft_id(world)))))
    world.let_come(Queue.SYNC_MAILBOX, Queue.TEND_SENDS)
    has_written(world, JONAS)
    for number in range(73):
        judged(world, number, "draft.approved")
    return world


def has_written(world: World, address: str) -> None:
    ws, at = world.workspace_id, world.suite.clock.now() - timedelta(days=30)
    world.store.commit(Put(Heard(id=heard_id(ws, address), workspace_id=ws, at=at, thread_id="before", gmail_message_id="before")))


def judged(world: World, number: int, action: str) -> None:
    """An earlier draft that the rule spoke for, and what a person made of it."""
    told = ("answer:ask", f"operator:{world.seeded.operator.id}", "touch:answer", f"rule:{AutoRule.REPLIED_BEFORE}")
    begun = world.suite.clock.now() - timedelta(days=10) + timedelta(minutes=number)
    for moment, what, by, evidence in (
        (begun, CONSIDERED, by_stage("consider"), told),
        (begun + timedelta(seconds=30), action, MARA, ()),
    ):
        usual: dict[str, Any] = {"at": moment, "actor": by, "action": what, "evidence": evidence, "draft_id": f"earlier_{number}"}
        world.store.commit(Put(AuditEntry(id=entry_id(moment, f"{number}"), workspace_id=world.workspace_id, **usual)))


def placed(world: World) -> Draft:
    world.submit()
    world.settle()
    world.advance(seconds=5)
    [draft] = world.drafts
    return draft


def actions(world: World, draft: Draft) -> list[str]:
    """Sorted by name: the clock stands still while a draft is considered and approved."""
    return sorted(one.action for one in world.all(AuditEntry) if one.draft_id == draft.id)


def test_one_mail_leaves_without_a_person_once_after_its_hold(world: World) -> None:
    draft = placed(world)
    assert draft.considered is not None
    assert (draft.considered.answer, draft.considered.rule) == (Answer.APPROVE, AutoRule.REPLIED_BEFORE), draft.considered.told
    [send] = world.all(Send)
    assert (draft.decided_by.kind, send.state, received(world)) == (ActorKind.RULE, SendState.APPROVED, [])  # type: ignore[union-attr]
    world.advance(minutes=2)
    [mail] = received(world)
    assert mail.mime["X-Sales-Agent-Draft"] == draft.id
    world.deliver_again()
    world.advance(hours=2)
    assert (len(received(world)), [one.state for one in world.all(Send)]) == (1, [SendState.SETTLED])
    assert actions(world, draft) == ["draft.approved", "draft.considered", "send.sent"]
    assert (world.outbox, world.dead_letters) == ([], [])


def test_one_that_chance_picks_goes_to_a_person_and_does_not_leave(world: World) -> None:
    world.store.commit(Put(SamplingKey(id=CURRENT, workspace_id=world.workspace_id, key=key_that_picks(next_draft_id(world)))))
    draft = placed(world)
    assert draft.considered is not None
    assert (draft.state, draft.considered.answer) == (DraftState.PENDING, Answer.SAMPLED)
    world.advance(hours=1)
    assert (received(world), world.all(Send), actions(world, draft)) == ([], [], ["draft.considered"])


def next_draft_id(world: World) -> str:
    """Of what Jonas submits at this very moment."""
    entry = a_form_entry(form_id=DEMO, email=JONAS, submitted_at=world.suite.clock.now())
    portal = world.seeded.workspace.crm.portal_id
    return draft_id_for(run_id_for(submission_id(workspace_id=world.workspace_id, portal_id=portal, entry=entry)))


def key_that_spares(draft_id: str) -> str:
    return next(str(number) for number in range(10_000) if draw_of(str(number), draft_id) >= AUTO.sampled)


def key_that_picks(draft_id: str) -> str:
    return next(str(number) for number in range(10_000) if draw_of(str(number), draft_id) < AUTO.sampled)


def test_a_rule_that_loses_its_autonomy_asks_again(world: World) -> None:
    first = placed(world)
    world.advance(minutes=2)
    assert len(received(world)) == 1
    answer = asked(world, "POST", f"drafts/{first.id}/object")
    assert (answer.status_code, answer.json()["objected_by"]) == (200, "token local")
    world.advance(hours=1)
    has_written(world, LENA)
    world.submit(LENA, firstname="Lena", lastname="Vogt")
    world.settle()
    world.advance(minutes=1)
    [second] = [one for one in world.drafts if one.id != first.id]
    assert second.considered is not None
    assert second.considered.answer is Answer.ASK
    levels = asked(world, "GET", "policy/autonomy?replay=true").json()
    [level] = [one for one in levels["items"] if (one["rule"], one["touch"]) == ("replied_before", "answer")]
    assert (level["may_act"], level["clean"], level["judged"], levels["replay"]) == (False, 73, 74, "same")
    assert level["told"] == "not earned yet: 73 of the last 74 approved unchanged (1 rejected); needs 36 more in a row"


def test_the_kill_switch_wins_over_what_a_rule_has_approved(world: World) -> None:
    placed(world)
    decide(world, auto_approval=AUTO, kill_switch=KillSwitch(on=True, by="mara", reason="wrong price"))
    world.advance(minutes=10)
    assert (received(world), [one.state for one in world.all(Send)]) == ([], [SendState.HELD])


def test_what_answers_a_person_is_left_to_one_unless_the_policy_says_otherwise(world: World) -> None:
    decide(world, auto_approval=AUTO.model_copy(update={"answers_to_people": False}))
    draft = placed(world)
    assert draft.considered is not None
    assert (draft.considered.told, received(world)) == ("A person decides: it answers what a person wrote.", [])


def test_nothing_is_considered_unless_the_policy_says_so(world: World) -> None:
    decide(world)
    draft = placed(world)
    world.advance(minutes=5)
    assert (draft.considered, draft.state, received(world), actions(world, draft)) == (None, DraftState.PENDING, [], [])


def asked(world: World, method: str, path: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {world.seeded.api_token}"}
    return httpx.request(method, f"{world.suite.urls['functions']}/api/{path}", headers=headers, timeout=30)

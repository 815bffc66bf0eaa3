"""The running invariants of doctor: each holds on a healthy store and names what breaks it."""

from datetime import timedelta
from typing import Any

import pytest

from infra.cli import invariants
from infra.cli.findings import Health
from shared.domain.audit import Unsealed
from shared.domain.canary_fate import Canary
from shared.domain.dead_letter import UNROUTED, DeadLetter, DeadLetterState
from shared.domain.draft import DraftState
from shared.domain.hints import HintState
from shared.domain.holds import HoldState
from shared.domain.ids import DraftId, RunId, TraceId
from shared.domain.outbox import Channel, Outgoing
from shared.domain.polling import FormPolls, FormWatch
from shared.domain.run import Run, RunState
from shared.ports.store import Put
from tests.builders import MONDAY, WORKSPACE, a_hint, a_hold, a_placement, a_run, a_workspace, at
from tests.fakes.store import MemoryStore
from tests.unit.infra.cli.answers import a_finished_run, a_placed_draft, standing


def a_store(*entities: Any) -> MemoryStore:
    store = MemoryStore()
    store.commit(*(Put(one) for one in entities))
    return store


def an_outgoing(**changes: Any) -> Outgoing:
    usual = {"id": "run_1-planned", "workspace_id": WORKSPACE, "channel": Channel.EVENT, "destination": "lead.planned", "payload": {}}
    return Outgoing(**{**usual, "trace_id": TraceId("t"), "created_at": MONDAY, **changes})


def a_dead_letter(**changes: Any) -> DeadLetter:
    usual = {"id": "dl_1", "workspace_id": WORKSPACE, "function": "plan", "source": "lead.received", "payload": "?", "reason": "no JSON"}
    return DeadLetter(**{**usual, "received_at": MONDAY, **changes})


def test_an_entry_that_waits_for_its_seal_for_more_than_five_minutes_is_told() -> None:
    store = a_store(Unsealed(id="20261123T090000000000-x", workspace_id=WORKSPACE, at=MONDAY))
    assert invariants.log_is_sealed(store, WORKSPACE, now=at(minutes=5)).health is Health.OK
    found = invariants.log_is_sealed(store, WORKSPACE, now=at(minutes=6))
    assert (found.health, found.detail) == (Health.FAIL, "an entry has waited for its seal since 23 Nov 09:00 UTC")


def test_a_young_outbox_entry_is_fine_and_an_old_one_is_not() -> None:
    store = a_store(an_outgoing())

    assert invariants.outbox_is_young(store, now=MONDAY + invariants.OUTBOX_AGE).health is Health.OK
    old = invariants.outbox_is_young(store, now=MONDAY + invariants.OUTBOX_AGE + timedelta(seconds=1))
    assert old.health is Health.FAIL
    assert "lead.planned" in old.detail


def test_a_run_may_stand_for_ten_minutes_and_not_longer() -> None:
    store = a_store(a_run(), a_finished_run(id="run_2"))

    assert invariants.runs_move_on(store, WORKSPACE, now=at(minutes=10)).health is Health.OK
    stuck = invariants.runs_move_on(store, WORKSPACE, now=at(minutes=11))
    assert stuck.health is Health.FAIL
    assert "run_1 has stood at “received”" in stuck.detail
    assert stuck.fix == "sdr trace run_1"


def test_a_run_that_failed_long_ago_is_not_stuck() -> None:
    store = a_store(a_run().failed(stage="plan", reason="no contact", at=MONDAY))

    assert invariants.runs_move_on(store, WORKSPACE, now=at(days=3)).health is Health.OK


def test_a_run_that_failed_today_is_told_with_its_reason() -> None:
    store = a_store(a_run().failed(stage="plan", reason="reconnect the mailbox", at=MONDAY), a_finished_run(id="run_2"))

    found = invariants.runs_move_on(store, WORKSPACE, now=at(hours=23))
    assert found.health is Health.WARN
    assert found.detail == "1 FAILURE, 1 SUCCESS; the last failed in plan: reconnect the mailbox"
    assert found.fix == "sdr trace run_1"


def test_what_waits_for_an_account_is_not_stuck_but_told_with_the_remedy() -> None:
    waiting = a_run(paused="plan: reconnect the mailbox")
    store = a_store(waiting, a_run(id="run_2", synthetic=True, paused="plan: reconnect the mailbox"))

    assert invariants.runs_move_on(store, WORKSPACE, now=at(days=3)).health is Health.OK
    found = invariants.nothing_is_paused(store, WORKSPACE)
    assert (found.health, found.detail) == (Health.FAIL, "1 paused, first run_1 in plan: reconnect the mailbox")
    assert "connect the account again" in found.fix
    assert invariants.nothing_is_paused(a_store(a_run(), a_hint()), WORKSPACE).health is Health.OK


def test_an_announcement_that_waits_for_the_portals_token_is_told_too() -> None:
    store = a_store(a_hint(state=HintState.PAUSED, reason="HubSpot answered 401"))

    assert invariants.nothing_is_paused(store, WORKSPACE).detail == "1 paused, first hint-1: HubSpot answered 401"


def test_the_oldest_of_very_many_runs_is_looked_at_too() -> None:
    many: list[Run] = [a_finished_run(id=f"run_{number:04}") for number in range(invariants.PAGE * 2)]
    store = a_store(*many, a_run(id="run_9999", state=RunState.GATED))

    assert "run_9999" in invariants.runs_move_on(store, WORKSPACE, now=at(days=1)).detail


def test_a_placed_draft_stands_in_gmail_once() -> None:
    draft = a_placed_draft()
    store = a_store(draft)

    assert invariants.drafts_stand(store, WORKSPACE, [standing(draft)]).health is Health.OK
    twice = invariants.drafts_stand(store, WORKSPACE, [standing(draft), standing(draft, id="r-2")])
    assert twice.health is Health.FAIL
    assert "draft-1 stands 2 times" in twice.detail
    gone = invariants.drafts_stand(store, WORKSPACE, [])
    assert gone.health is Health.FAIL
    assert "draft-1" in gone.detail


def test_a_draft_that_says_what_became_of_it_need_not_stand_anywhere() -> None:
    sent = a_placed_draft(state=DraftState.SENT_BY_OPERATOR)
    refused = a_placed_draft(id=DraftId("draft-2"), run_id=RunId("run_2"), placement=None)

    assert invariants.drafts_stand(a_store(sent, refused), WORKSPACE, []).health is Health.OK


def test_a_draft_that_only_one_of_two_placements_lost_is_noticed() -> None:
    here, lost = a_placed_draft(), a_placed_draft(id=DraftId("draft-2"), placement=a_placement(gmail_draft_id="r-2"))

    assert "draft-2" in invariants.drafts_stand(a_store(here, lost), WORKSPACE, [standing(here)]).detail


def test_open_dead_letters_are_told_wherever_they_lie() -> None:
    assert invariants.nothing_was_given_up(a_store(a_dead_letter(state=DeadLetterState.RESOLVED)), WORKSPACE).health is Health.OK
    ours = invariants.nothing_was_given_up(a_store(a_dead_letter(run_id="run_1")), WORKSPACE)
    assert ours.health is Health.FAIL
    assert ours.fix == "sdr dead-letters show dl_1"
    nobodys = invariants.nothing_was_given_up(a_store(a_dead_letter(workspace_id=UNROUTED)), WORKSPACE)
    assert "no JSON" in nobodys.detail


def test_times_are_held_for_drafts_and_by_nobody_else() -> None:
    held = a_hold(state=HoldState.HELD)
    kept, over = a_hold(id="hold_2", state=HoldState.TAKEN_OVER), a_hold(id="hold_3", state=HoldState.RELEASED)
    store = a_store(a_placed_draft(), held, kept, over)

    assert invariants.times_are_held(store, WORKSPACE, ["hold_1", "hold_2"], now=MONDAY).health is Health.OK
    for stray in ("hold_3", "hold_9"):
        found = invariants.times_are_held(store, WORKSPACE, ["hold_1", stray], now=MONDAY)
        assert (found.health, stray in found.detail) == (Health.FAIL, True)


def test_a_hold_without_a_draft_or_beyond_its_time_is_noticed() -> None:
    orphan = invariants.times_are_held(a_store(a_hold()), WORKSPACE, [], now=MONDAY)
    assert "a draft that does not exist" in orphan.detail
    late = invariants.times_are_held(a_store(a_placed_draft(), a_hold()), WORKSPACE, [], now=a_hold().expires_at + timedelta(minutes=11))
    assert "should have been given back" in late.detail


def a_poll(**changes: Any) -> FormPolls:
    watch = FormWatch(form_id="form-demo", since=MONDAY, cursor=MONDAY)
    usual = {"id": "forms", "workspace_id": WORKSPACE, "since": MONDAY, "watches": (watch,), "polled_at": MONDAY, "seen": 9, "repaired": 2}
    return FormPolls(**{**usual, **changes})


@pytest.mark.parametrize(
    ("changes", "minutes", "health", "told"),
    [
        ({}, 5, Health.OK, "last poll 23 Nov 09:00 UTC, 9 submissions seen, 2 repaired"),
        ({}, 61, Health.FAIL, "no look since"),
        ({"trouble": "HubSpot answered 503"}, 61, Health.FAIL, "HubSpot answered 503"),
        ({"trouble": "HubSpot answered 503"}, 5, Health.WARN, "HubSpot answered 503"),
        ({"waiting": 3}, 5, Health.FAIL, "3 of them still have no run"),
        ({"watches": (FormWatch(form_id="f-1", since=MONDAY, cursor=MONDAY, gone=True),)}, 5, Health.WARN, "nothing of form f-1"),
    ],
)
def test_how_polling_stands_is_told(changes: dict[str, Any], minutes: int, health: Health, told: str) -> None:
    found = invariants.forms_are_polled(a_store(a_poll(**changes)), WORKSPACE, now=at(minutes=minutes))
    assert (found.health, told in found.detail, bool(found.fix)) == (health, True, health is not Health.OK)


def test_forms_nobody_has_looked_at_yet_are_doubtful() -> None:
    assert invariants.forms_are_polled(a_store(), WORKSPACE, now=MONDAY).health is Health.WARN


def a_canary(**changes: Any) -> Canary:
    return Canary(**{"id": "latest", "workspace_id": WORKSPACE, "period": "20261123T0900", "sent_at": MONDAY, "handle": "evt_1", **changes})


@pytest.mark.parametrize(
    ("changes", "minutes", "health", "told"),
    [
        ({}, 10, Health.OK, "under way"),
        ({}, 16, Health.FAIL, "no run came of it"),
        ({"alarm": "it took 20 minutes"}, 10, Health.FAIL, "it took 20 minutes"),
        ({"handle": "", "trouble": "the webhook answered 401"}, 1, Health.FAIL, "the webhook answered 401"),
    ],
)
def test_how_the_canary_stands_is_told(changes: dict[str, Any], minutes: int, health: Health, told: str) -> None:
    found = invariants.canary_sings(a_store(a_canary(**changes)), a_workspace(), now=at(minutes=minutes))
    assert (found.health, told in found.detail) == (health, True)


def test_a_canary_that_passed_long_ago_is_missed() -> None:
    run = a_finished_run(synthetic=True)
    store = a_store(a_canary(), a_hint(id="evt_1", run_id=RunId(run.id)), run)
    assert invariants.canary_sings(store, a_workspace(), now=at(hours=2)).health is Health.OK
    assert "none since" in invariants.canary_sings(store, a_workspace(), now=at(hours=2, minutes=1)).detail


def test_a_canary_may_be_off_or_not_sent_yet() -> None:
    assert "switched off" in invariants.canary_sings(a_store(), a_workspace(canary=False), now=MONDAY).detail
    assert "none sent yet" in invariants.canary_sings(a_store(), a_workspace(), now=MONDAY).detail


def test_canaries_are_no_runs_of_anybody() -> None:
    store = a_store(a_run(synthetic=True), a_finished_run(id="run_2"))
    found = invariants.runs_move_on(store, WORKSPACE, now=at(days=1))
    assert (found.health, found.detail) == (Health.OK, "1 SUCCESS")

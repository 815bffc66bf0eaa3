"""Polling: what nobody announced becomes a hint, once, however the looks end; the cursor never passes what is not stored."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.hints import Hint, HintSource
from shared.domain.ids import RunId, WorkspaceId
from shared.domain.polling import ONCE_A_DAY, OVERLAP, RIPE, FormPolls
from shared.domain.submission import FormEntry, Submission, submission_id
from shared.domain.workspace import CrmConnection
from shared.ports.errors import Permanent, ReconnectNeeded, Transient
from shared.ports.store import Write
from shared.stages.arriving.poll_forms import MOST_PAGES, poll_forms
from tests.builders import WORKSPACE, a_form_entry, a_submission, a_workspace, at
from tests.fakes.crm import MemoryCrm
from tests.fakes.store import MemoryStore
from tests.unit.stages.world import StageWorld, work

LONG_AGO = at(days=-30)


class Polling:
    """A world whose workspace was connected a month ago, and its portal."""

    def __init__(self, world: StageWorld) -> None:
        self.world, self.crm = world, MemoryCrm()
        self.connected(since=LONG_AGO)

    def connected(self, *forms: str, **changes: Any) -> None:
        crm = CrmConnection(portal_id="4242", token_secret="t", form_ids=forms or ("form-demo",), **changes)
        self.world.store.save_workspace(workspace=a_workspace(crm=crm))

    def __call__(self) -> FormPolls:
        ports = {"store": self.world.store, "outbox": self.world.outbox, "clock": self.world.clock}
        return poll_forms(work("20261123T0900"), crm=self.crm.of, **ports)

    def submitted(self, **ago: float) -> FormEntry:
        entry = a_form_entry(submitted_at=self.world.clock.now() - timedelta(**ago))
        self.crm.entries.append(entry)
        return entry

    def has_run(self, entry: FormEntry) -> None:
        id = submission_id(workspace_id=WORKSPACE, portal_id="4242", entry=entry)
        self.world.put(a_submission(id=id, entry=entry, run_id=RunId("run_x")))

    @property
    def announced(self) -> list[FormEntry | None]:
        return [one.announced.entry for one in self.world.hints]


@pytest.fixture
def polling(world: StageWorld) -> Polling:
    return Polling(world)


def test_a_submission_nobody_announced_becomes_a_hint_that_carries_it(polling: Polling):
    entry = polling.submitted(minutes=3)
    polls = polling()
    hint = polling.world.one(Hint)
    assert (hint.announced.source, hint.announced.entry, hint.announced.submitted_at) == (HintSource.POLL, entry, entry.submitted_at)
    assert polling.world.outbox.destinations == ["lead.received"]
    assert (polls.seen, polls.repaired, polls.waiting, polls.trouble) == (1, 1, 0, "")
    assert polls == polling.world.one(FormPolls)


def test_a_submission_with_a_run_is_counted_and_not_announced(polling: Polling):
    polling.has_run(polling.submitted(minutes=3))
    polls = polling()
    assert (polls.seen, polls.repaired) == (1, 0)
    assert not polling.world.hints


def test_the_same_submission_is_announced_and_counted_once_however_often_it_is_seen(polling: Polling):
    polling.submitted(minutes=3)
    for _ in range(3):
        polls = polling()
        polling.world.later(minutes=5)
    assert (polls.seen, polls.repaired, polls.waiting) == (1, 1, 1)
    assert len(polling.world.hints) == 1


def test_a_submission_of_this_minute_is_left_to_its_webhook(polling: Polling):
    polling.submitted(seconds=RIPE.seconds - 1)
    assert polling().seen == 0
    polling.world.later(seconds=2)
    assert polling().repaired == 1


def test_a_fresh_workspace_starts_no_runs_for_the_years_before(polling: Polling):
    polling.connected(since=None)
    polling.submitted(days=400)
    polling.submitted(minutes=2)
    assert polling().seen == 0
    polling.world.later(minutes=5)
    entry = polling.submitted(minutes=2)
    assert polling().repaired == 1
    assert polling.announced == [entry]


def test_where_to_begin_can_be_set(polling: Polling):
    polling.connected(since=at(days=-2))
    polling.submitted(days=3)
    entry = polling.submitted(days=1)
    polling()
    assert polling.announced == [entry]


def test_a_submission_that_appears_late_is_found(polling: Polling):
    polling.has_run(polling.submitted(minutes=3))
    polling()
    late = polling.submitted(minutes=50)
    polls = polling()
    assert polling.announced == [late]
    assert (polls.seen, polls.repaired) == (2, 1)


def test_the_first_look_of_a_day_reaches_back_a_day(polling: Polling):
    polling.has_run(polling.submitted(minutes=3))
    polling()
    late = polling.submitted(hours=25)
    assert OVERLAP < timedelta(hours=25) < ONCE_A_DAY
    assert polling().repaired == 0
    polling.world.later(hours=15)
    assert polling().repaired == 1
    assert polling.announced == [late]


def test_a_form_that_appears_is_read_from_the_last_look_on(polling: Polling):
    polling.connected("form-demo")
    polling()
    polling.world.later(minutes=5)
    polling.crm.entries = [a_form_entry(form_id="form-new", submitted_at=at(minutes=minute)) for minute in (-60, 3)]
    polling.connected("form-demo", "form-new")
    polling()
    assert [one.submitted_at for one in polling.announced if one] == [at(minutes=3)]


def test_without_configured_forms_every_form_of_the_portal_is_read(polling: Polling):
    polling.world.store.save_workspace(workspace=a_workspace(crm=CrmConnection(portal_id="4242", token_secret="t", since=LONG_AGO)))
    polling.crm.form_ids = ["form-a", "form-b", "form-c"]
    polling.crm.entries = [a_form_entry(form_id=form, submitted_at=at(minutes=-9)) for form in ("form-a", "form-c")]
    assert polling().repaired == 2


def test_a_long_backlog_is_worked_off_in_bounded_looks(polling: Polling):
    polling.crm.page_size = 2
    entries = [polling.submitted(minutes=number + 2) for number in range(2 * MOST_PAGES + 5)]
    first = polling()
    assert (first.seen, first.watches[0].cursor) == (2 * MOST_PAGES, LONG_AGO)
    polling.world.later(minutes=5)
    newer = polling.submitted(minutes=2)
    assert polling().watches[0].cursor == entries[0].submitted_at
    while (polls := polling()).watches[0].page:
        polling.world.later(minutes=5)
    assert (polls.watches[0].cursor, polls.seen) == (newer.submitted_at, len(entries) + 1)
    assert {one.submitted_at for one in polling.announced if one} == {one.submitted_at for one in (*entries, newer)}


def test_a_page_the_crm_will_not_show_any_more_begins_the_walk_anew(polling: Polling):
    polling.crm.page_size = 1
    entries = [polling.submitted(minutes=number + 2) for number in range(MOST_PAGES + 1)]
    polling()
    polling.crm.troubles["form-demo"] = Permanent("no such page", source="hubspot")
    assert not polling().watches[0].gone
    polling.crm.troubles.clear()
    polling.crm.page_size = 50
    polling()
    assert len(polling.announced) == len(entries)


def test_a_form_that_is_gone_keeps_nobody_from_the_others(polling: Polling):
    polling.connected("form-gone", "form-demo", since=LONG_AGO)
    polling.crm.form_ids = ["form-demo"]
    polling.submitted(minutes=2)
    polls = polling()
    assert (polls.repaired, polls.trouble) == (1, "")
    assert [one.form_id for one in polls.watches if one.gone] == ["form-gone"]


@pytest.mark.parametrize("trouble", [Transient("HubSpot answered 503", source="hubspot"), ReconnectNeeded("HubSpot answered 401")])
def test_a_crm_that_is_away_is_recorded_and_becomes_an_alarm_after_an_hour(polling: Polling, trouble: Transient | ReconnectNeeded):
    polling()
    polling.crm.troubles["form-demo"] = trouble
    polling.world.later(minutes=59)
    polls = polling()
    assert polls.trouble == trouble.detail
    assert not polls.silent(polling.world.clock.now())
    polling.world.later(minutes=2)
    assert polling().silent(polling.world.clock.now())
    polling.crm.troubles.clear()
    assert not polling().silent(polling.world.clock.now())


def test_a_list_of_forms_that_cannot_be_read_is_trouble(polling: Polling):
    polling.world.store.save_workspace(workspace=a_workspace(crm=CrmConnection(portal_id="4242", token_secret="t")))
    polling.crm.troubles["forms"] = Transient("HubSpot answered 502", source="hubspot")
    assert polling().trouble == "HubSpot answered 502"


def test_each_form_gets_its_turn_while_another_fails(polling: Polling):
    polling.connected("form-bad", "form-demo", since=LONG_AGO)
    polling.crm.troubles["form-bad"] = Transient("HubSpot answered 500", source="hubspot")
    polling.submitted(minutes=2)
    assert polling().repaired == 0
    assert polling().repaired == 1


def test_a_dead_outbox_leaves_the_events_to_the_sweep(polling: Polling):
    polling.submitted(minutes=2)
    polling.world.outbox.dead = True
    polling()
    assert [one.destination for one in polling.world.owed] == ["lead.received"]


def test_two_looks_at_once_announce_and_count_nothing_twice(polling: Polling, monkeypatch: pytest.MonkeyPatch):
    polling.submitted(minutes=2)
    commit = MemoryStore.commit

    def overtaken(store: MemoryStore, *writes: Write) -> None:
        monkeypatch.undo()
        polling()
        commit(store, *writes)

    monkeypatch.setattr(MemoryStore, "commit", overtaken)
    with pytest.raises(Transient):
        polling()
    assert (polling().seen, polling().repaired) == (1, 1)
    assert len(polling.world.hints) == 1


def test_a_look_for_one_workspace_touches_no_other(polling: Polling):
    south = WorkspaceId("southwind")
    polling.world.store.save_workspace(workspace=a_workspace(id=south))
    polling.submitted(minutes=2)
    polling()
    assert {one.workspace_id for kind in (Hint, FormPolls) for one in polling.world.store.everything(kind)} == {WORKSPACE}
    assert {one.workspace_id for one in polling.world.outbox.flushed} == {WORKSPACE}
    assert not polling.world.store.everything(Submission)

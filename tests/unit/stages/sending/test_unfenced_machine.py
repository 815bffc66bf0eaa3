"""The same over a way out without a fence: no mail of ours twice, none lost, what nobody knows is parked; and the bugs that break it."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from shared.domain.ways import Way
from shared.stages.sending import bringing_home, carried, ending, postponing, send
from tests.unit.stages.carried_machine import CarriedSends
from tests.unit.stages.unfenced_machine import UnfencedSends

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]


class TestUnfencedSends(UnfencedSends.TestCase):
    settings = settings(max_examples=200, stateful_step_count=40, suppress_health_check=SLOW)


@pytest.mark.nightly
class TestManyUnfencedSends(UnfencedSends.TestCase):
    settings = settings(max_examples=10_000, stateful_step_count=50, suppress_health_check=SLOW)


def retries_after_an_unknown_end(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(send, "look_later", postponing.try_later)


def takes_the_draft_for_a_fence(patches: pytest.MonkeyPatch) -> None:
    """As Gmail's way may: the draft still stands, so it has not left."""
    patches.setattr(Way, "has_fence", property(lambda _way: True))


def withdraws_the_draft_before_the_call(patches: pytest.MonkeyPatch) -> None:
    call = send._over_the_wire

    def over_the_wire(leaving: Any, mailbox: Any, raw: bytes, *, wire: Any) -> None:
        bringing_home._withdraw(leaving.case.draft.entity, mailbox)
        call(leaving, mailbox, raw, wire=wire)

    patches.setattr(send, "_over_the_wire", over_the_wire)


def keeps_a_copy_without_looking(patches: pytest.MonkeyPatch) -> None:
    def copied(entry: Any, departure: Any, approval: Any, draft: Any, mailbox: Any, desk: Any) -> Any:
        raw = bringing_home.as_it_leaves(entry, bringing_home.approved_bytes(approval, draft, mailbox, ()))
        copy = mailbox.keep_sent(raw=raw, thread_id=departure.thread_id)
        return departure.model_copy(update={"gmail_message_id": copy.gmail_message_id})

    patches.setattr(bringing_home, "_copied", copied)


def settles_what_the_carrier_may_still_drop(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(ending, "_is_waited_for", lambda _send, _desk: False)


def does_not_believe_the_carrier(patches: pytest.MonkeyPatch) -> None:
    """It was parked, and goes on asking a person who was told by the carrier."""
    patches.setattr(carried, "_moved_on", lambda found, _event, _desk: found)


@pytest.mark.parametrize("sow", [settles_what_the_carrier_may_still_drop, does_not_believe_the_carrier], ids=lambda one: one.__name__)
def test_the_machine_with_a_carrier_finds_what_was_sown(sow: Any):
    _walk(CarriedSends, sow)


@pytest.mark.parametrize(
    "sow",
    [
        retries_after_an_unknown_end,
        takes_the_draft_for_a_fence,
        withdraws_the_draft_before_the_call,
        pytest.param(keeps_a_copy_without_looking, marks=pytest.mark.nightly),
    ],
    ids=lambda one: one.__name__,
)
def test_the_machine_finds_what_was_sown(sow: Any):
    _walk(UnfencedSends, sow)


def _walk(machine: type[UnfencedSends], sow: Any) -> None:
    buggy = type("Buggy", (machine,), {"bug": sow})
    walk = settings(
        max_examples=2_000,
        stateful_step_count=50,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(buggy, settings=walk)


class TestCarriedSends(CarriedSends.TestCase):
    settings = settings(max_examples=200, stateful_step_count=40, suppress_health_check=SLOW)


@pytest.mark.nightly
class TestManyCarriedSends(CarriedSends.TestCase):
    settings = settings(max_examples=10_000, stateful_step_count=50, suppress_health_check=SLOW)

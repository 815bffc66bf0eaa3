"""Approvals, tasks, deaths, clocks, Gmail and people, in any order: no mail twice, none lost, none that should not leave."""

import pytest
from hypothesis import HealthCheck, settings

from tests.unit.stages.send_machine import Sends

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]


class TestSends(Sends.TestCase):
    settings = settings(max_examples=300, stateful_step_count=40, suppress_health_check=SLOW)


@pytest.mark.nightly
class TestManySends(Sends.TestCase):
    settings = settings(max_examples=10_000, stateful_step_count=50, suppress_health_check=SLOW)

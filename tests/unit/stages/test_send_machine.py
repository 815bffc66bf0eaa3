"""Approvals, tasks, deaths, clocks, Gmail and people, in any order: no mail twice, none lost, none that should not leave."""

from hypothesis import HealthCheck, settings

from tests.unit.stages.send_machine import Sends

Sends.TestCase.settings = settings(max_examples=300, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow])
TestSends = Sends.TestCase

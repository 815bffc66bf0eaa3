"""A line of doctor, and when all of them together mean that something is broken."""

from infra.cli.connection import Connection
from infra.cli.doctor import emulator_answers, functions_answer
from infra.cli.findings import Health, broken, doubtful, fine, healthy, report
from tests.unit.infra.cli.answers import shown

NOWHERE = "127.0.0.1:1"


def test_only_a_broken_finding_makes_the_doctor_fail() -> None:
    assert healthy([fine("a", ""), doubtful("b", "odd", "look")])
    assert not healthy([fine("a", ""), broken("b", "gone", "bring it back")])


def test_each_finding_is_a_line_with_its_fix() -> None:
    lines = shown(report([fine("python", "3.11"), broken("outbox", "2 entries wait", "look at the log")])).splitlines()

    assert [line.split() for line in lines] == [["ok", "python", "3.11"], "fail outbox 2 entries wait → look at the log".split()]


def test_a_server_nobody_listens_at_is_broken() -> None:
    assert emulator_answers("gmail", f"http://{NOWHERE}").health is Health.FAIL
    assert emulator_answers("google", NOWHERE).health is Health.FAIL
    dead = functions_answer(Connection(functions=f"http://{NOWHERE}", log="/somewhere/functions.log"))
    assert dead.health is Health.FAIL
    assert "/somewhere/functions.log" in dead.fix

"""The console's words: ages, moments, modes, risks, and addresses a browser may follow."""

from datetime import timedelta

import pytest

from functions.console import wording
from shared.domain.draft import SentenceClass
from shared.domain.engaged import Engagement, Happened
from shared.domain.evidence import EvidenceKind
from shared.domain.policy import KillSwitch, Mode, Rules
from shared.domain.sends import SendState
from tests.builders import MONDAY, a_draft, a_verdict, an_operator, at


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        ({"seconds": 20}, "now"),
        ({"minutes": 4}, "4 min"),
        ({"hours": 3}, "3 h"),
        ({"hours": 47}, "47 h"),
        ({"days": 5}, "5 d"),
        ({"days": -2}, "2 d"),
    ],
)
def test_an_age_is_told_in_its_largest_fitting_unit(ago: dict[str, float], told: str):
    assert wording.age(MONDAY - timedelta(**ago), MONDAY) == told


def test_an_age_has_a_side_once_it_is_one():
    assert wording.age(MONDAY - timedelta(minutes=4), MONDAY, "ago") == "4 min ago"
    assert wording.age(MONDAY - timedelta(seconds=20), MONDAY, "old") == "just now"


def test_a_moment_is_told_where_the_operator_is():
    assert wording.moment(MONDAY, "Europe/Madrid") == "Mon 23 Nov, 10:00"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "vbscript:x", "", "file:///etc/passwd"])
def test_an_address_that_is_no_web_address_is_no_link(url: str):
    assert wording.web_address(url) == ""


def test_a_web_address_is_a_link():
    assert wording.web_address("https://docs.google.com/d/1") == "https://docs.google.com/d/1"


@pytest.mark.parametrize(
    ("rules", "tone"),
    [
        (Rules(), "calm"),
        (Rules(mode=Mode.SEND_ALLOWED), "live"),
        (Rules(mode=Mode.SEND_ALLOWED, send_operators=("jo",)), "calm"),
        (Rules(mode=Mode.SEND_ALLOWED, kill_switch=KillSwitch(on=True)), "stopped"),
    ],
)
def test_the_mode_is_told_as_it_holds_for_who_looks(rules: Rules, tone: str):
    assert wording.mode_words(rules, an_operator().id).tone == tone


def test_every_kind_of_evidence_sentence_and_send_has_its_words():
    assert set(wording.KINDS) == set(EvidenceKind)
    assert set(wording.WITHOUT_SOURCE) == set(SentenceClass)
    assert set(wording.SEND_WORDS) == set(SendState)


def test_old_evidence_is_told_to_be_old():
    assert [wording.is_stale(moment, MONDAY) for moment in (at(days=-181), at(days=-179), None)] == [True, False, False]


@pytest.mark.parametrize(
    ("name", "told"), [("Ana Silva", "AS"), ("Ana", "A"), ("ana@x.example", "AX"), ("李 雷", "李雷"), ("<b>", "?"), ("", "?")]
)
def test_somebodys_initials_are_letters(name: str, told: str):
    assert wording.initials(name) == told


def test_a_row_says_what_stands_in_the_way():
    def word(**changes: object) -> tuple[str, str]:
        return wording.row_state(a_draft(**changes), None, zone="UTC", now=MONDAY)

    assert word(verdict=None) == ("being checked", "calm")
    assert word(verdict=a_verdict(outcome="FAIL", risk=80)) == ("blocked", "fail")
    assert word(verdict=a_verdict(outcome="WARN", risk=20)) == ("medium risk", "warn")
    assert word(verdict=a_verdict()) == ("", "")
    assert word(verdict=a_verdict(), snoozed_until=at(hours=1)) == ("back Mon 23 Nov, 10:00", "calm")


@pytest.mark.parametrize(
    ("happened", "told"),
    [
        ((), "Nobody has opened it yet, and no link was followed."),
        ((("opened", 1, "machine"),), "Opened by machines only, Mon 23 Nov, 10:01: because."),
        ((("opened", 1, "machine"), ("opened", 2, "unknown")), "Opened, nobody can tell by whom, Mon 23 Nov, 10:02: because."),
        ((("opened", 1, "human"), ("clicked", 2, "human"), ("clicked", 3, "human")), "Clicked by a person, Mon 23 Nov, 10:02: because."),
        ((("opened", 1, "human"), ("clicked", 2, "unknown")), "Opened by a person, Mon 23 Nov, 10:01: because."),
    ],
)
def test_of_all_touches_the_line_tells_what_is_surest_to_be_a_person(happened: tuple[tuple[str, int, str], ...], told: str):
    every = tuple(Happened(word=word, at=at(minutes=minute), label=label, reason="because", url="") for word, minute, label in happened)
    engagement = Engagement(opened=None, clicked=None, happened=every, uncounted=0)
    assert wording.engagement_line(engagement, "Europe/Madrid") == told

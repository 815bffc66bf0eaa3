"""Who has opened a mail and followed its links."""

from datetime import timedelta

import pytest

from shared.domain.engagement import judge
from shared.domain.touches import Label, network_of, says_prefetch
from tests.eval.engagement.sequences import DELIVERED, Told, touch_of


def labels(*told: Told) -> list[Label]:
    return [one.label for one in judge([touch_of(one) for one in told], delivered_at=DELIVERED)]


def click(at: int, link: str = "a", agent: str = "chrome", network: str = "p1", how: str = "") -> Told:
    return (at, "click", link, agent, network, how, "")


def test_a_lone_click_of_a_browser_is_a_persons() -> None:
    assert labels(click(3600)) == [Label.HUMAN]


def test_an_open_is_nobodys_by_itself() -> None:
    assert labels((3600, "open", "", "mac", "p1", "", "")) == [Label.UNKNOWN]


def test_a_decoy_that_is_followed_later_turns_an_earlier_click_into_a_machines() -> None:
    assert labels(click(3600)) == [Label.HUMAN]
    assert labels(click(3600), (90000, "decoy", "d", "firefox", "p1", "", "")) == [Label.MACHINE, Label.MACHINE]


def test_a_second_link_at_the_same_moment_takes_the_first_ones_label_back() -> None:
    assert labels(click(3600), click(3601, "b")) == [Label.MACHINE, Label.MACHINE]


def test_the_order_in_which_touches_are_told_does_not_matter() -> None:
    told = [click(1, network="s1"), click(3600), (3590, "open", "", "mac", "p1", "", "")]
    assert labels(*told) == labels(*reversed(told))[::-1]


@pytest.mark.parametrize("how", ["head", "prefetch"])
def test_whoever_only_asks_ahead_is_a_machine(how: str) -> None:
    assert labels(click(3600, how=how)) == [Label.MACHINE]


def test_every_judgement_says_why() -> None:
    touches = [touch_of(click(1)), touch_of(click(3600)), touch_of((9, "open", "", "gmail", "g", "", ""))]
    assert all(one.reason for one in judge(touches, delivered_at=DELIVERED - timedelta(hours=1)))


def test_of_an_address_too_little_is_kept_to_name_a_line() -> None:
    assert network_of("192.0.2.77") == "192.0.2.0/24"
    assert network_of("2001:db8:1:2::7") == "2001:db8:1::/48"
    assert network_of("unknown") == ""


def test_a_browser_that_fetches_ahead_says_so() -> None:
    assert says_prefetch({"sec-purpose": "prefetch;prerender"})
    assert not says_prefetch({"user-agent": "prefetch"})

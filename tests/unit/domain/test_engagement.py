"""Who has opened a mail and followed its links."""

from datetime import timedelta

import pytest

from shared.domain.engagement import judge
from shared.domain.touches import Label, network_of, says_prefetch
from tests.eval.engagement.sequences import AGENTS, DELIVERED, Told, touch_of


def labels(*told: Told) -> list[Label]:
    return [one.label for one in judge([touch_of(one) for one in told], delivered_at=DELIVERED)]


def click(at: int, link: str = "a", agent: str = "chrome", network: str = "p1", how: str = "") -> Told:
    return (at, "click", link, agent, network, how, "")


def shown(at: int, agent: str = "outlook", network: str = "p1") -> Told:
    return (at, "open", "", agent, network, "", "")


def test_a_lone_click_is_nobodys_whatever_browser_it_says_it_is() -> None:
    assert labels(click(3600)) == [Label.UNKNOWN]


@pytest.mark.parametrize(
    "beside",
    [
        (shown(3560),),
        (shown(3560, "gmail", "g"),),
        (click(3660, "b"),),
        (shown(3560, "webview"),),
    ],
)
def test_with_a_second_sign_a_click_is_a_persons(beside: tuple[Told, ...]) -> None:
    assert labels(click(3600), *beside)[0] == Label.HUMAN


@pytest.mark.parametrize(
    "beside",
    [
        (shown(3598),),
        (shown(3610),),
        (shown(1000),),
        (shown(3560, network="p2"),),
        (shown(3000, "gmail", "g"),),
        (shown(3560, "chrome"), click(90000)),
        (shown(3560, "firefox"),),
        (click(90000),),
        (click(3612, "b"),),
        (click(3660, "b", network="p2"),),
        (click(3660, "b", agent="firefox"),),
        (click(3660, "b"), click(3760, "c"), click(3860, "d")),
        (shown(3560), (90000, "decoy", "d", "firefox", "s1", "", ""), (90001, "decoy", "d", "firefox", "p1", "", "")),
    ],
)
def test_what_is_no_second_sign_makes_nobody_of_a_click(beside: tuple[Told, ...]) -> None:
    assert labels(click(3600), *beside)[0] != Label.HUMAN


@pytest.mark.parametrize("agent", ["old", "Go-http-client/2.0", "Java/11.0.2", "Apache-HttpClient/4.5", "axios/1.7", "Mozilla/4.0", "-"])
def test_a_picture_fetched_by_what_is_merely_no_browser_of_today_speaks_for_no_person(agent: str) -> None:
    """Defender's own dress, and libraries: the link is then followed in a browser's, from the same place."""
    picture = touch_of(shown(3560)).model_copy(update={"agent": AGENTS.get(agent, agent)})
    assert [one.label for one in judge([picture, touch_of(click(3600))], delivered_at=DELIVERED)] == [Label.UNKNOWN] * 2


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
        "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)",
    ],
)
def test_a_mail_program_is_known_by_what_it_says(agent: str) -> None:
    picture = touch_of(shown(3560)).model_copy(update={"agent": agent})
    assert [one.label for one in judge([picture, touch_of(click(3600))], delivered_at=DELIVERED)] == [Label.HUMAN] * 2


def test_a_scanner_of_exchange_online_is_known_by_its_network_of_either_kind() -> None:
    for address in ("104.47.30.9", "::ffff:104.47.30.9", "2a01:111:f403:c10c::1"):
        touch = touch_of(click(3600)).model_copy(update={"network": network_of(address)})
        assert judge([touch], delivered_at=DELIVERED)[0].label is Label.MACHINE


def test_whoever_followed_a_link_had_opened_the_mail_in_the_same_network() -> None:
    assert labels(shown(3560), click(3600)) == [Label.HUMAN, Label.HUMAN]


def test_of_so_many_touches_none_is_called_a_persons_and_few_are_compared() -> None:
    crowd = [touch_of(click(3600 + number, f"l{number}")) for number in range(5000)]
    assert {one.label for one in judge(crowd, delivered_at=DELIVERED)} == {Label.UNKNOWN}
    read = [touch_of(shown(3560)), touch_of(click(3600))]
    assert [one.label for one in judge(read, delivered_at=DELIVERED, uncounted=99)] == [Label.UNKNOWN, Label.UNKNOWN]
    assert judge(read, delivered_at=DELIVERED, uncounted=98)[1].label is Label.HUMAN


def test_an_open_is_nobodys_by_itself() -> None:
    assert labels((3600, "open", "", "mac", "p1", "", "")) == [Label.UNKNOWN]


def test_a_decoy_that_is_followed_later_turns_an_earlier_click_into_a_machines() -> None:
    assert labels(shown(3560), click(3600)) == [Label.HUMAN, Label.HUMAN]
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


def test_addresses_of_ipv4_are_told_apart_however_they_are_written() -> None:
    assert network_of("::ffff:192.0.2.77") == "192.0.2.0/24"
    assert network_of("::ffff:198.51.100.7") == "198.51.100.0/24"
    assert network_of("fe80::1%eth0") == "fe80::/48"


def test_a_browser_that_fetches_ahead_says_so() -> None:
    assert says_prefetch({"sec-purpose": "prefetch;prerender"})
    assert not says_prefetch({"user-agent": "prefetch"})

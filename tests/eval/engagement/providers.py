"""Models of who touches a mail, for a generator: their shares are guesses, their manners are as published (see `held_out.jsonl`)."""

from random import Random

from hypothesis import strategies as st

from tests.eval.engagement.sequences import Told

BROWSERS = ("chrome", "edge", "firefox", "mac", "iphone", "android")
PROGRAMS = ("outlook", "thunderbird", "webview")
NAMED = ("barracuda", "mimecast", "proofpoint", "cisco", "tmes", "python", "headless", "curl")
STRANGE = ("s1", "s2", "s3", "s4", "s5")
OWN = ("p1", "p2")
DAY = 86_400


def _pick(chance: Random, some: tuple[str, ...]) -> str:
    return chance.choice(some)


def _gap(chance: Random, least: int, most: int) -> int:
    return chance.randint(least, most)


def scans_at_delivery(chance: Random) -> list[Told]:
    """Everything, hidden links too, within seconds; some wait in a queue first."""
    start, agent, network = _gap(chance, 0, 900), _pick(chance, (*NAMED, *BROWSERS)), _pick(chance, STRANGE)
    return [
        (start + _gap(chance, 0, 4), kind, link, agent, network, "", "machine")
        for kind, link in (("open", ""), ("click", "a"), ("click", "b"), ("decoy", "d"))
    ]


def checks_what_is_seen(chance: Random) -> list[Told]:
    """Only links people can see, at once, at any time."""
    start, agent, network = _gap(chance, 0, DAY), _pick(chance, BROWSERS), _pick(chance, STRANGE)
    return [(start + _gap(chance, 0, 2), "click", link, agent, network, "", "machine") for link in "abc"]


def samples_one_link(chance: Random) -> list[Told]:
    return [(_gap(chance, 0, DAY), "click", _pick(chance, ("a", "b")), _pick(chance, BROWSERS), _pick(chance, STRANGE), "", "machine")]


def renders_in_a_sandbox(chance: Random) -> list[Told]:
    """In one browser: the picture, then a link; some are slow."""
    start, agent, network = _gap(chance, 0, 7200), _pick(chance, BROWSERS), _pick(chance, STRANGE)
    later = start + _gap(chance, 1, 45)
    return [(start, "open", "", agent, network, "", "machine"), (later, "click", "a", agent, network, "", "machine")]


def looks_again(chance: Random) -> list[Told]:
    """The same link from the same place, hours later."""
    first, agent, network = _gap(chance, 0, 7200), _pick(chance, BROWSERS), _pick(chance, STRANGE)
    return [(at, "click", "a", agent, network, "", "machine") for at in (first, first + _gap(chance, 600, DAY))]


def crawls_politely(chance: Random) -> list[Told]:
    """Every link of the HTML, some seconds apart."""
    start, pause, agent, network = _gap(chance, 0, DAY), _gap(chance, 5, 60), _pick(chance, BROWSERS), _pick(chance, STRANGE)
    found = (("click", "a"), ("click", "b"), ("decoy", "d"))
    return [(start + number * pause, kind, link, agent, network, "", "machine") for number, (kind, link) in enumerate(found)]


def rotates(chance: Random) -> list[Told]:
    """Another place each time, another browser mostly."""
    start, places = _gap(chance, 0, DAY), chance.sample(STRANGE, 2)
    return [
        (start + _gap(chance, 0, 300), "click", link, _pick(chance, BROWSERS), place, "", "machine")
        for link, place in zip("ab", places, strict=True)
    ]


def reads_in_a_program(chance: Random) -> list[Told]:
    at, network = _gap(chance, 30, 3 * DAY), _pick(chance, OWN)
    click = (at + _gap(chance, 4, 600), "click", "a", _pick(chance, BROWSERS), network, "", "human")
    return [(at, "open", "", _pick(chance, PROGRAMS), network, "", "human"), click]


def reads_at_gmail(chance: Random) -> list[Told]:
    """Their picture is nobody's: it is fetched for them, but not by them."""
    at = _gap(chance, 30, 3 * DAY)
    click = (at + _gap(chance, 4, 200), "click", "a", _pick(chance, BROWSERS), _pick(chance, OWN), "", "human")
    return [(at, "open", "", "gmail", "g", "", "unknown"), click]


def reads_at_apple(chance: Random) -> list[Told]:
    at = _gap(chance, 30, 3 * DAY)
    return [(_gap(chance, 1, 60), "open", "", "apple", "a", "", "machine"), (at, "click", "a", "iphone", _pick(chance, OWN), "", "human")]


def reads_on_the_web(chance: Random) -> list[Told]:
    """Of a company's own server: one browser does everything. Some follow two links, some come back."""
    at, agent, network = _gap(chance, 30, 3 * DAY), _pick(chance, BROWSERS), _pick(chance, OWN)
    first = at + _gap(chance, 5, 300)
    more = [(first + _gap(chance, 4, 400), "click", "b", agent, network, "", "human")] if chance.random() < 0.5 else []
    return [(at, "open", "", agent, network, "", "human"), (first, "click", "a", agent, network, "", "human"), *more]


MACHINES = (scans_at_delivery, checks_what_is_seen, samples_one_link, renders_in_a_sandbox, looks_again, crawls_politely, rotates)
PEOPLE = (reads_in_a_program, reads_at_gmail, reads_at_apple, reads_on_the_web)


@st.composite
def touched_mails(draw: st.DrawFn) -> list[Told]:
    """One to three of whoever there is, at the same mail: as often as not nobody reads it at all.

    The numbers come from a dice of its own: Hypothesis likes to repeat what it drew, and two strangers are seldom neighbours.
    """
    chance = Random(draw(st.integers(0, 2**63)))
    machines = chance.choices(MACHINES, k=chance.randint(0, 2))
    people = chance.choices(PEOPLE, k=chance.randint(0, 1) if machines else 1)
    return sorted(touch for one in (*machines, *people) for touch in one(chance))

"""Good drafts and their twins, in which one thing was swapped for another that nobody said; everything follows from a seed."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.domain.draft import Attachment, Draft
from tests.unit.agents.quality_gate.seeded_drafts import (
    ENDS,
    MIDDLES,
    MONTHS,
    OPENINGS,
    STRANGE_COMPANIES,
    STRANGE_PEOPLE,
    Tale,
    a_draft_of,
    said,
)

Swap = Callable[[Tale], tuple[str, str]]
"""What the good draft says, and what stands there instead."""


@dataclass(frozen=True)
class Twins:
    """`swapped` differs from `good` in one thing; `what` tells which."""

    good: Draft
    swapped: Draft
    what: str


@dataclass(frozen=True)
class Place:
    """A sentence that holds something to swap, with its sources."""

    text: str
    sources: tuple[str, ...]
    swap: Swap


def twins(tale: Tale, kind: str) -> Twins:
    """`kind` is one of KINDS."""
    if kind == "asset":
        return _with_assets(tale)
    place = tale.dice.choice(PLACES[kind])
    sentence, end = said(place.text, *place.sources)(tale), tale.dice.choice(ENDS)(tale)
    old, new = place.swap(tale)
    assert old in sentence.text, (old, sentence.text)
    changed = sentence.model_copy(update={"text": sentence.text.replace(old, new, 1)})
    other = tale.dice.choice(MIDDLES)(tale)
    subject = f"Your {tale.event}"
    good, swapped = (a_draft_of(tale, [one, other], end, subject=subject) for one in (sentence, changed))
    return Twins(good, swapped, f"“{old}” became “{new}”: {changed.text}")


def _with_assets(tale: Tale) -> Twins:
    asset = tale.context.assets[0]
    real = Attachment(file_id=asset.file_id, name=asset.name, url=asset.url)
    number = tale.dice.randrange(2, 99)
    foreign = tale.dice.choice(
        (
            real.model_copy(update={"file_id": f"file-{number}"}),
            real.model_copy(update={"url": f"https://docs.google.com/document/d/file-{number}"}),
            real.model_copy(update={"url": f"https://files.example/file-{number}"}),
            real.model_copy(update={"file_id": f"file-{number}", "url": f"https://docs.google.com/document/d/file-{number}"}),
        )
    )
    told, end = [tale.dice.choice(OPENINGS)(tale)], tale.dice.choice(ENDS)(tale)
    good, swapped = (a_draft_of(tale, told, end, subject=f"Your {tale.event}", attachments=(one,)) for one in (real, foreign))
    return Twins(good, swapped, f"{real} became {foreign}")


def _other_count(tale: Tale) -> str:
    return f"{tale.dice.choice([one for one in range(30, 3000, 37) if one != tale.guests]):,}"


def _other_month(tale: Tale) -> str:
    return tale.dice.choice([one for one in MONTHS if one != tale.month])


def _guests(tale: Tale) -> tuple[str, str]:
    return f"{tale.guests:,}", _other_count(tale)


def _month(tale: Tale) -> tuple[str, str]:
    return tale.month, _other_month(tale)


def _first_slot(tale: Tale) -> tuple[str, str]:
    old = tale.context.slots[0].spoken
    return old, tale.dice.choice(
        (old.replace("November", "December"), old.replace("Tuesday", "Thursday").replace("24", "26"), "Friday at 07:15")
    )


def _to(old: str, *others: str) -> Swap:
    return lambda tale: (old, tale.dice.choice(others))


def _company(tale: Tale) -> tuple[str, str]:
    return tale.company, tale.dice.choice(STRANGE_COMPANIES)


def _first_name(tale: Tale) -> tuple[str, str]:
    return tale.context.identity.contact.first_name, tale.dice.choice(STRANGE_PEOPLE)


OFFERS = (
    "a free trial",
    "a 20% discount",
    "our special price",
    "a money-back guarantee",
    "a complimentary rehearsal",
    "a pilot at no charge",
)
PLACES: dict[str, tuple[Place, ...]] = {
    "number": (
        Place("You plan a {event} for {guests} guests in {month}.", ("form.message",), _guests),
        Place("You wrote that you plan a {event} for {guests} guests.", ("form.message",), _guests),
        Place(
            "For a similar logistics summit we registered 450 guests in two days.",
            ("document.file-1.0",),
            _to("450", "540", "4,500", "1,200"),
        ),
        Place(
            "Our case study shows how 450 guests were registered in 2 days.",
            ("document.file-1.0",),
            _to("2 days", "3 days", "24 hours", "one day"),
        ),
        Place("We usually start with a planning session of 30 minutes at no cost.", ("profile.offer.1",), _to("30", "45", "15", "90")),
        Place("Back in May you told me the dinner for 80 guests went well.", ("message.m0",), _to("80", "88", "800", "18")),
    ),
    "name": (
        Place("Thanks again, {first}, for telling me about your {event}.", ("form.message",), _first_name),
        Place("{first}, your {event} sounds like a good fit for us.", ("form.message",), _first_name),
        Place("I am Maria Costa and would look after your {event}.", (), _to("Maria Costa", *STRANGE_PEOPLE)),
    ),
    "date": (
        Place("You plan a {event} for {guests} guests in {month}.", ("form.message",), _month),
        Place("For {company}, the {event} in {month} will need a quick check-in.", ("form.message",), _month),
        Place(
            "On 13 November you asked for prices for 400 guests.",
            ("message.m1",),
            _to("13 November", "14 November", "13 October", "3 November"),
        ),
        Place("Back in May you told me the dinner for 80 guests went well.", ("message.m0",), _to("May", "June", "2019", "August")),
        Place("On {slot} I would be free for you.", ("slot.1",), _first_slot),
    ),
    "company": (
        Place("For {company}, the {event} in {month} will need a quick check-in.", ("form.message",), _company),
        Place("I have read your message and would be glad to help {company} with it.", ("form.message",), _company),
        Place(
            "At Northwind Events we look after registration from the first invitation to the last badge.",
            (),
            _to("Northwind Events", *STRANGE_COMPANIES),
        ),
    ),
    "offer": (
        Place(
            "I can offer a thirty-minute planning session at no cost.",
            ("profile.offer.1",),
            _to("a thirty-minute planning session at no cost", *OFFERS),
        ),
        Place(
            "We usually start with a planning session of 30 minutes at no cost.",
            ("profile.offer.1",),
            _to("a planning session of 30 minutes at no cost", *OFFERS),
        ),
    ),
}
KINDS = (*PLACES, "asset")

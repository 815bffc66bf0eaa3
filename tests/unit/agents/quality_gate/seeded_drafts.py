"""Good drafts as a careful writer words them, and the same drafts with one invention each; everything follows from a seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.draft import Attachment, Draft, Sentence
from shared.domain.evidence import Evidence
from shared.domain.facts import facts_of
from shared.domain.planning import Context
from tests import builders as b

PEOPLE = (("Ana", "Silva"), ("Jonas", "Keller"), ("Priya", "Nair"), ("April", "Stone"), ("Zofia", "Wrona"), ("Mei", "Tanaka"))
COMPANIES = ("Brightleaf", "Kessler & Sohn", "Tidewater Foods", "Oakline Systems", "Larkfield", "Bluebird Freight GmbH")
CITIES = ("Lisbon", "Hamburg", "Leeds", "Kraków", "Austin", "Lyon")
EVENTS = ("logistics summit", "customer day", "product launch", "sales kick-off", "supplier meeting", "annual dinner")
MONTHS = ("January", "March", "April", "June", "September", "October")

STRANGE_PEOPLE = ("John Petersen", "Marta Quintero", "Bob Stone", "Elena Fischer", "Dmitri Volkov", "Grace Okafor", "Sven", "Carlos")
STRANGE_COMPANIES = (
    "Globex",
    "Initech",
    "Vandelay Industries",
    "Hooli",
    "Umbrella Corp",
    "Wayne Enterprises",
    "Soylent",
    "Stark Industries",
)
STRANGE_OFFERS = (
    "You get the first month at no cost.",
    "We can start with a free trial.",
    "There is a 20% discount for you.",
    "We guarantee short queues.",
    "I can give you our special price.",
    "A complimentary rehearsal comes with it.",
    "We refund everything if you are not happy.",
    "We run a pilot for you at no charge.",
)
STRANGE_DATES = (
    "on Friday at 17:45",
    "on 3 February",
    "tomorrow",
    "by 31 December 2027",
    "at 7 am",
    "on 2027-03-09",
    "in August",
    "last year",
)
STRANGE_NUMBERS = (
    "1,350 guests",
    "27 halls",
    "three hundred guests",
    "14 days",
    "ten people",
    "2.5 million guests",
    "a 45-minute talk",
    "1 in 6",
)


@dataclass(frozen=True)
class Tale:
    """One seeded world: who asked for what, with the words good drafts lean on."""

    dice: random.Random
    context: Context
    event: str
    guests: int
    month: str
    city: str
    company: str


def a_tale(seed: int) -> Tale:
    dice = random.Random(seed)
    (first, last), company, city = dice.choice(PEOPLE), dice.choice(COMPANIES), dice.choice(CITIES)
    event, month, guests = dice.choice(EVENTS), dice.choice(MONTHS), dice.choice((40, 80, 120, 400, 950, 1200))
    message = f"We plan a {event} for {guests:,} guests in {month}. Could you show us how you handle registration?"
    entry = b.a_form_entry(fields={"firstname": first, "lastname": last, "company": company, "message": message})
    identity = b.an_identity(
        contact=b.a_contact(first_name=first, last_name=last), company=b.a_company(name=company, city=city, industry="Events Services")
    )
    facts = facts_of(workspace=b.a_workspace(), operator=b.an_operator(), entry=entry, identity=identity)
    context = b.a_full_context(job=b.a_job(entry=entry), identity=identity, facts=facts, slots=_slots(dice))
    return Tale(dice, context, event, guests, month, city, company)


def a_good_draft(tale: Tale) -> Draft:
    return a_draft_of(tale, [tale.dice.choice(OPENINGS)(tale), tale.dice.choice(MIDDLES)(tale)], tale.dice.choice(ENDS)(tale))


def a_fabrication(tale: Tale, kind: str) -> Draft:
    """A good draft with one thing in it that nobody said."""
    opening, end = tale.dice.choice(OPENINGS)(tale), tale.dice.choice(ENDS)(tale)
    if kind == "asset":
        return a_draft_of(tale, [opening], end, attachments=(_foreign_asset(tale),))
    return a_draft_of(tale, [opening, INVENTIONS[kind](tale)], end)


def a_draft_of(tale: Tale, told: list[Sentence], asked: list[Sentence], *, subject: str = "", **text: Any) -> Draft:
    """Thanks, what is told, and what is asked; the subject is one of several unless it is given."""
    first, last = tale.context.identity.contact.first_name, tale.context.identity.contact.last_name
    subject = subject or tale.dice.choice(
        (f"Your {tale.event}", f"{tale.company}: registration", "Re: Summit in May", f"Your {tale.event} in {tale.month}")
    )
    thanks = b.a_sentence(tale.dice.choice(("Thanks for reaching out.", "Good to hear from you.", "Thank you for your message.")))
    written = b.a_draft_text(subject=subject, greeting=f"Hi {first},", paragraphs=((thanks, *told), tuple(asked)), **text)
    return b.a_draft(text=written, recipient_name=f"{first} {last}", thread_id="t1", evidence=tale.context.evidence)


def _slots(dice: random.Random) -> tuple[Any, ...]:
    start = datetime(2026, 11, 24, 9, 0, tzinfo=UTC) + timedelta(minutes=30 * dice.randrange(12))
    moments = (start, start + timedelta(days=1, hours=1))
    spoken = [f"{moment:%A %-d %B at %H:%M} (UTC)" for moment in moments]
    return tuple(
        b.a_slot(
            start=moment, spoken=words, timezone="UTC", evidence=b.an_evidence(f"slot.{number}", text=words, label="Free in the calendar")
        )
        for number, (moment, words) in enumerate(zip(moments, spoken, strict=True), start=1)
    )


def said(text: str, *sources: str) -> Callable[[Tale], Sentence]:
    """A sentence of this wording, filled with the tale's own words."""
    return lambda tale: b.a_sentence(
        text.format(
            guests=f"{tale.guests:,}",
            plain=tale.guests,
            event=tale.event,
            month=tale.month,
            city=tale.city,
            company=tale.company,
            first=tale.context.identity.contact.first_name,
            slot=tale.context.slots[0].spoken,
        ),
        *sources,
    )


OPENINGS = (
    said("You plan a {event} for {guests} guests in {month}.", "form.message"),
    said("A {event} with {plain} guests in {month} is what we like to run.", "form.message"),
    said("You wrote that you plan a {event} for {guests} guests.", "form.message"),
    said("Your {event} in {city} sounds like a good fit for us.", "form.message", "crm.company.city"),
    said("For {company}, the {event} in {month} will need a quick check-in.", "form.message"),
    said("Registration for {plain} people is what you asked about.", "form.message"),
    said("Back in May you told me the dinner for 80 guests went well.", "message.m0"),
    said("On 13 November you asked for prices for 400 guests.", "message.m1"),
)
MIDDLES = (
    said("For a similar logistics summit we registered 450 guests in two days.", "document.file-1.0"),
    said("Our case study shows how 450 guests were registered in 2 days.", "document.file-1.0"),
    said("We usually start with a planning session of 30 minutes at no cost.", "profile.offer.1"),
    said("I can offer a thirty-minute planning session at no cost.", "profile.offer.1"),
    said("We know how much depends on the first ten steps through the door.".replace("ten ", "")),
    said("At Northwind Events we look after registration from the first invitation to the last badge."),
    said("Most teams find that short queues matter more than anything else."),
    said("I have read your message and would be glad to help {company} with it."),
    said("Happy to walk you through it."),
)


def _slot_lines(tale: Tale) -> list[Sentence]:
    first, second = (one.spoken for one in tale.context.slots)
    return [
        b.a_sentence(f"I could do {first} or {second}.", "slot.1", "slot.2"),
        b.a_sentence("Does one of these times work for you?"),
    ]


def _two_questions_about_times(tale: Tale) -> list[Sentence]:
    first, second = (one.spoken for one in tale.context.slots)
    return [
        b.a_sentence(f"Would {first} suit you?", "slot.1"),
        b.a_sentence(f"Or is {second} better?", "slot.2"),
        b.a_sentence("If neither works, just tell me what does."),
    ]


def _one(text: str) -> Callable[[Tale], list[Sentence]]:
    return lambda _: [b.a_sentence(text)]


ENDS: tuple[Callable[[Tale], list[Sentence]], ...] = (
    _slot_lines,
    _two_questions_about_times,
    _one("Which part of registration matters most to you?"),
    _one("Would a short call next week help?"),
    _one("Could you tell me how your guests register today?"),
    _one("Let me know if you would like to see it."),
)


def _numbered(tale: Tale) -> Sentence:
    return b.a_sentence(f"We can plan for {tale.dice.choice(STRANGE_NUMBERS)} with you.", *tale.dice.choice((("form.message",), ())))


def _peopled(tale: Tale) -> Sentence:
    name = tale.dice.choice(STRANGE_PEOPLE)
    text = tale.dice.choice(("My colleague {} knows your {} well.", "{} will look after your {}.", "As {} told us, a {} needs care."))
    return b.a_sentence(text.format(name, tale.event), *tale.dice.choice((("form.message",), ("document.file-1.0",), ())))


def _dated(tale: Tale) -> Sentence:
    return b.a_sentence(
        f"We can have the plan ready {tale.dice.choice(STRANGE_DATES)}.", *tale.dice.choice((("form.message",), ("slot.1",), ()))
    )


def _befriended(tale: Tale) -> Sentence:
    name = tale.dice.choice(STRANGE_COMPANIES)
    text = tale.dice.choice(
        ("We did the same for {}.", "{} had the same question.", "Teams at {} work with us.", "{} cut its queues with us.")
    )
    return b.a_sentence(text.format(name), *tale.dice.choice((("document.file-1.0",), ())))


def _offered(tale: Tale) -> Sentence:
    return b.a_sentence(tale.dice.choice(STRANGE_OFFERS), *tale.dice.choice((("form.message",), ("document.file-1.0",), ())))


def _foreign_asset(tale: Tale) -> Attachment:
    asset = tale.context.assets[0]
    number = tale.dice.randrange(2, 99)
    return tale.dice.choice(
        (
            Attachment(file_id=f"file-{number}", name="Price list", url=asset.url),
            Attachment(file_id=asset.file_id, name=asset.name, url=f"https://docs.google.com/document/d/file-{number}"),
        )
    )


INVENTIONS: dict[str, Callable[[Tale], Sentence]] = {
    "number": _numbered,
    "name": _peopled,
    "date": _dated,
    "company": _befriended,
    "offer": _offered,
}
KINDS = (*INVENTIONS, "asset")


def spans_of(tale: Tale) -> tuple[Evidence, ...]:
    """All evidence of the world."""
    return tale.context.evidence

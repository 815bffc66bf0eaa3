"""Who fills in forms in a demo: the seeded three, and invented ones when more are wanted."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice
from typing import Any

PEOPLE = ("Lea Brandt", "Tom Verhoeven", "Aiko Mori", "Nils Aas", "Carla Pinto", "Omar Haddad", "Ewa Lis", "Jude Ferrer")
COMPANIES = ("Nordwind Textil", "Lumen Bakery", "Kestrel Outdoor", "Polder Dairy", "Harbour Tea")
MESSAGES = (
    "Could we see a demo with our own products next week?",
    "How do you forecast products that have no history yet?",
    "I would like to read the forecasting guide, we plan in spreadsheets today.",
)


def submissions(seeded: Sequence[Mapping[str, Any]], wanted: int) -> list[Mapping[str, Any]]:
    """As many as wanted, the seeded ones first."""
    return list(islice((one for part in (seeded, _invented(seeded)) for one in part), wanted))


def _invented(seeded: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The same forms, filled in by somebody new each time."""
    told = zip(cycle(seeded), cycle(PEOPLE), cycle(COMPANIES), cycle(MESSAGES), strict=False)
    for number, (submission, person, company, message) in enumerate(told, start=1):
        first, last = person.split()
        email = f"{first}.{last}.{number}@{company.split()[0]}.example".lower()
        fields = {"email": email, "firstname": first, "lastname": last, "company": company, "message": message}
        yield {"form": submission["form"], "shape": submission["shape"], "fields": fields}

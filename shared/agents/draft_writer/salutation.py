"""Greeting, sign-off and signature as the operator writes them; called by the conversion. Strange names are left out, never printed."""

import re

from shared.domain.people import spelled_like_a_name
from shared.domain.planning import Context, Tone
from shared.domain.voice import VoiceProfile
from shared.domain.workspace import Operator

TITLE = re.compile(r"\s*\b(?:mr|mrs|ms|dr|prof)\.?$", re.IGNORECASE)
TITLES = frozenset("mr mrs ms miss mx dr prof professor doctor herr frau mme monsieur madame".split())
"""Before a surname: whoever has one in the field for first names has no first name there."""
MOST_WORDS = 3
LONGEST_NAME = 30
NOT_NAMES = frozenset(
    "ignore instructions previous system prompt test none null unknown n/a na anonymous admin info asdf sir madam".split()
)
VARIABLE = re.compile(r"\{[^{}]*\}")


def first_name_of(context: Context) -> str:
    """From the CRM, else from the form; empty when neither holds something that can be a name."""
    entry = context.job.entry
    given = (context.identity.contact.first_name, entry.field("firstname"), entry.field("first_name"))
    return next((name for name in map(_clean, given) if name), "")


def greeting(*, voice: VoiceProfile, context: Context, tone: Tone) -> str:
    """The operator's pattern, filled; without a usable name the way one greets somebody unknown."""
    pattern = voice.greeting_formal if tone is Tone.FORMAL else voice.greeting_conversational
    first, last = first_name_of(context), _clean(context.identity.contact.last_name)
    values = {"{first_name}": first, "{last_name}": last, "{name}": f"{first} {last}".strip()}
    if not all(values.get(variable) for variable in VARIABLE.findall(pattern)):
        return _to_somebody(pattern)
    for variable, value in values.items():
        pattern = pattern.replace(variable, value)
    return pattern


def _to_somebody(pattern: str) -> str:
    opening = TITLE.sub("", VARIABLE.split(pattern)[0].strip())
    if opening.lower().startswith("dear") or not opening:
        return "Dear Sir or Madam,"
    return f"{opening} there,"


def sign_off(*, voice: VoiceProfile, tone: Tone) -> str:
    return voice.sign_off_formal if tone is Tone.FORMAL else voice.sign_off_conversational


def signature(*, voice: VoiceProfile, operator: Operator) -> str:
    return voice.signature or operator.signature or operator.name


def _clean(given: str) -> str:
    """The name in its usual case, or nothing when this cannot be one."""
    name = " ".join(given.split())
    words = name.lower().split()
    if not spelled_like_a_name(name) or len(name) > LONGEST_NAME or len(words) > MOST_WORDS or NOT_NAMES & set(words):
        return ""
    if _initial(name) or TITLES & {word.rstrip(".") for word in words}:
        return ""
    shouted = len(name) > 3 and name.isupper() and "." not in name
    return name.title() if shouted or name.islower() else name


def _initial(name: str) -> bool:
    """One letter of a script that has capitals; elsewhere one character can be a whole name."""
    letter = name.rstrip(".")
    return len(letter) == 1 and letter.lower() != letter.upper()

"""What somebody asks for, read from their form and from what they still wait for. Their words only choose between our own steps."""

import re

from shared.domain.entity import Value
from shared.domain.planning import Context
from shared.domain.prose import asks, sentences

_CALL = re.compile(
    r"\b(?:demos?|demonstrations?|calls?|meetings?|meet|talk|speak|chat|schedule|appointments?|consultations?|walk (?:me|us) through"
    r"|pric(?:e|es|ing)|quot(?:e|es|ation)|costs?|sales team|talk to sales|contact sales)\b",
    re.IGNORECASE,
)
_NO_CALL = re.compile(
    r"\b(?:no|not|don['\u2019]t|never|without|rather than|instead of|before) (?:\w+ ){0,3}?"
    r"(?:demos?|calls?|calling|meetings?|meet|talk|speak)\b",
    re.IGNORECASE,
)
_MATERIAL = re.compile(
    r"\b(?:brochures?|case stud(?:y|ies)|examples?|references?|decks?|presentations?|materials?|more information|info|reports?"
    r"|documentation|white ?papers?|success stor(?:y|ies)|portfolio|catalogue|overview)\b",
    re.IGNORECASE,
)


class Wishes(Value):
    call: bool = False
    material: bool = False
    refuses_call: bool = False
    question: str = ""  # the first thing they ask in the form, in their words
    waiting_for: str = ""  # the newest thing they asked by mail and got no answer to


def wishes_of(context: Context) -> Wishes:
    entry = context.job.entry
    told = sentences(entry.message)
    waiting = context.reading.open_questions if context.reading else ()
    read = " \n".join([entry.form_name, *told, *waiting])
    refuses = bool(_NO_CALL.search(entry.message))
    return Wishes(
        call=bool(_CALL.search(read)) and not refuses,
        material=bool(_MATERIAL.search(read)),
        refuses_call=refuses,
        question=next((one for one in told if asks(one)), ""),
        waiting_for=waiting[-1] if waiting else "",
    )

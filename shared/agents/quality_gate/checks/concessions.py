"""Check that nothing reads like a yes to a wish for better terms."""

import re
from collections.abc import Iterator

from shared.agents.quality_gate.findings import warn
from shared.agents.quality_gate.material import LONGEST_SPAN, Material
from shared.agents.quality_gate.words import phrases, plain
from shared.domain.prose import asks, sentences
from shared.domain.verdict import Severity, Violation

MOST_QUESTIONS = 5
_CONCESSION = re.compile(
    r"\b(?:discount\w{0,6}|rebates?|refund\w{0,6}|money back|credit notes?|price (?:cuts?|reductions?|match\w{0,5})|payment plan"
    r"|concessions?|(?:\d{1,3} ?%|per ?cent) (?:off|less|cheaper)|half (?:the )?price"
    r"|(?:match|beat) (?:the |their |this |that )?(?:price|offer|quote)"
    r"|(?:better|lower|best|special|reduced) (?:prices?|pricing|rates?|fees?|deal|terms|conditions)"
    r"|(?:lower|reduce|cut|drop|waive|knock) (?:\w{1,20} ){0,2}(?:prices?|rates?|fees?|costs?|charges?)"
    r"|(?:our|different|other|longer|extended|flexible|net ?\d{1,3}) (?:payment )?terms|terms of (?:net )?\d{1,3} days"
    r"|(?:extend|extension|prolong)\b[^.?!]{0,60}\b(?:free|no (?:extra |additional )?(?:cost|charge))|free (?:\w{1,20} )?extension"
    r"|(?:for free|free of charge|at no (?:extra |additional )?(?:cost|charge)))",
    re.IGNORECASE,
)
_WANTED = re.compile(
    r"\b(?:we|i)(?:'d| would| will| do|'ll)? (?:need|want|expect|require|insist|hope|request|like|ask|must have)\b|\bonly if\b",
    re.IGNORECASE,
)
_TO_OTHERS = re.compile(
    r"\b(?:our|their|these|those) (?:own )?(?:customers?|clients?|guests?|members?|visitors?|shoppers?|attendees)\b", re.IGNORECASE
)
_NO_PROMISE = phrases(
    "cannot promise | can't promise | can not promise | cannot confirm | can't confirm | cannot commit | can't commit | cannot agree | "
    "can't agree | cannot offer | can't offer | cannot grant | can't grant | cannot give | can't give | "
    "not able to | unable to | no promise | not in a position | not mine to | "
    "not for me to | cannot decide | can't decide | cannot say yet | can't say yet | have to check | "
    "need to check | will check | i'll check | have to ask | need to ask | will ask | i'll ask | before i can promise | before i promise | "
    "without promising | not possible | won't be able"
)


def concession(material: Material) -> Iterator[Violation]:
    """A word to whoever approves: a friendly answer that passes over the wish is read as agreement to it."""
    wish = _wish(material)
    if wish and not any(phrase in material.joined for phrase in _NO_PROMISE):
        yield warn(
            "concession",
            severity=Severity.MEDIUM,
            reason="They ask for better terms, and the mail does not say that this cannot be promised: it may read like a yes.",
            suggestion="Say in one sentence that you cannot promise this, or what you can offer instead.",
            quote=wish,
        )


def _wish(material: Material) -> str:
    """Their sentence that asks for it, in the form or still open in the thread; empty when there is none."""
    reading = material.context.reading
    waiting = reading.open_questions[-MOST_QUESTIONS:] if reading else ()
    told = (material.context.job.entry.message, *waiting)
    return next((one for text in told for one in sentences(plain(text[:LONGEST_SPAN])) if _asks_for_a_concession(one)), "")


def _asks_for_a_concession(sentence: str) -> bool:
    if not _CONCESSION.search(sentence) or _TO_OTHERS.search(sentence):
        return False
    return asks(sentence) or bool(_WANTED.search(sentence))

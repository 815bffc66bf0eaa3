"""The paragraphs of a built-in mail: taking up what they wrote, answering it, and leading to the one request."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.connectors.builtin import templates
from shared.connectors.builtin.material import Find, Material, Quote
from shared.connectors.builtin.passages import MOST_CHARACTERS, passages
from shared.connectors.builtin.phrasings import Phrases
from shared.connectors.builtin.quoting import is_request, quotable_spans, tells_a_need
from shared.connectors.builtin.reported import reported
from shared.connectors.builtin.titles import called, in_short

VARIABLE = re.compile(r"\{(\w+)\}")
WANTS_AN_EXAMPLE = ("example", "reference", "case study")


@dataclass(frozen=True)
class Line:
    """A sentence on its way into the mail. The higher `spare`, the sooner it goes when the mail is too long."""

    text: str
    kind: str
    sources: tuple[str, ...] = ()
    spare: int = 0


def opening(material: Material, phrases: Phrases, find: Find | None) -> list[Line]:
    """A word of thanks, then what they asked or said. Who stands in a list has not written, and is thanked for nothing."""
    if material.introduces:
        return [Line(material.pick("introduced", templates.INTRODUCED[material.formal]), "inferred"), *_taken_up(material, find)]
    thanks = templates.THANKS_AGAIN if material.in_thread else templates.THANKS
    received = material.evidence("state.form_received")
    text = phrases.opening or material.pick("thanks", thanks[material.formal])
    return [Line(text, "state" if received else "inferred", (received.id,) if received else ()), *_taken_up(material, find)]


def _taken_up(material: Material, find: Find | None) -> Iterator[Line]:
    """The question; with what they say about themselves unless a document answers it."""
    asked, stated, topic = material.asked(), material.stated(), material.topic()
    if asked and not (find and find.named):
        yield _asked(material, asked, None if find and find.passages else stated)
    elif stated and not (find and find.named and find.passages):
        yield _quoting(material, "stated", templates.STATED, stated)
    elif topic and not asked:
        yield _quoting(material, "topic", templates.TOPIC, topic)
    continued = material.continued() if not find else None
    if continued and not (material.in_thread and (asked or stated)):
        yield _quoting(material, "continued", templates.CONTINUED if material.in_thread else templates.REMEMBERED, continued, spare=2)


def _asked(material: Material, asked: Quote, stated: Quote | None) -> Line:
    what, question = reported(asked.span), asked.span.endswith("?")
    wordings: Sequence[str]
    if stated and stated.source == asked.source and tells_a_need(stated.span):
        in_words = templates.STATED_AND_ASKED_IN_WORDS if question else templates.STATED_AND_REQUESTED
        wordings = templates.STATED_AND_ASKED if what else in_words
    else:
        wordings = templates.ASKED if what else templates.ASKED_IN_WORDS if question else templates.REQUESTED_IN_WORDS
    text = _filled(material.pick("asked", wordings), what=what, span=asked.span, stated=stated.span if stated else "")
    return Line(text, "documented", (asked.source,))


def answer(material: Material, phrases: Phrases, find: Find | None) -> list[Line]:
    """What a document or an earlier mail of ours says to that, then what is still owed unless a call takes it up."""
    lines = _from_document(material, phrases, find) if find else _from_ourselves(material)
    return [*lines, *([] if material.calls else _owed(material, templates.OWED[material.formal]))]


def _owed(material: Material, wordings: Sequence[str]) -> Iterator[Line]:
    owed, asked = material.owed(), material.asked()
    if owed and not (asked and asked.span == owed.span):
        yield _quoting(material, "owed", wordings, owed, spare=1)


def _from_document(material: Material, phrases: Phrases, find: Find) -> Iterator[Line]:
    best, others = next(iter(find.passages), None), find.passages[1:]
    if find.named or phrases.asset or not best:
        yield _linked(material, phrases, find)
    if best:
        yield _passage(material, phrases, find, best.text)
    elif said := _first_words(find):
        yield _saying(material, "passage", templates.PASSAGE, find, said, spare=3)
    for other in others:
        yield _saying(material, "more", templates.MORE, find, other.text, spare=3)


def _linked(material: Material, phrases: Phrases, find: Find) -> Line:
    """Names the document: the operator's phrasing may announce it."""
    if phrases.asset:
        name = "the {called} you asked for" if find.named else "our {called}"
        wording = phrases.asset.rstrip(".") + f": {name}."
    else:
        wording = material.pick("linked", templates.ASKED_FOR if find.named else templates.LINKED[material.formal])
    return Line(_filled(wording, called=called(find.asset)), "state", (find.asset.evidence.id,))


def _passage(material: Material, phrases: Phrases, find: Find, span: str) -> Line:
    stated, asked = material.stated(), material.asked()
    if find.named and stated:
        text = material.pick("need", templates.ANSWER_TO_NEED)
        text = _filled(text, stated=stated.span, short=in_short(find.asset), span=_ended(span))
        return Line(text, "documented", (stated.source, find.asset.evidence.id))
    if find.named or phrases.asset:
        return _saying(material, "passage", templates.PASSAGE, find, span)
    example = asked and any(word in asked.span.lower() for word in WANTS_AN_EXAMPLE)
    return _saying(material, "answer", templates.EXAMPLE if example else templates.ANSWER, find, span)


def _first_words(find: Find) -> str:
    """Something whole from the matched passage, for somebody who asked nothing in particular."""
    whole = quotable_spans(find.asset.passage, complete=True)
    return next((one for one in whole if len(one) <= MOST_CHARACTERS and not is_request(one)), "")


def _from_ourselves(material: Material) -> Iterator[Line]:
    asked = material.asked()
    for one in material.told_before() if asked else ():
        found = passages(one.text, about=material.weights(), never=material.never)
        if found and asked and 2 * len(found[0].terms) >= len(material.weights()):
            yield Line(_filled(material.pick("before", templates.TOLD_BEFORE), span=_ended(found[0].text)), "documented", (one.id,))
            return


def offering(material: Material, phrases: Phrases, *, answered: bool) -> list[Line]:
    """Without a document or times: a word of ours unless there was an answer, and the offer that fits."""
    offer = material.offer()
    bridge = _bridge(material)
    own = phrases.aside or ("" if answered else bridge)
    lines = [Line(own, "inferred", spare=1)] if own else []
    if offer is None or material.avoids(offer.span):
        return lines
    wordings = templates.OFFER[material.formal] if offer.span[:1].islower() else templates.OFFER_SENTENCE
    return [*lines, _quoting(material, "offer", wordings, offer, spare=1)]


def _bridge(material: Material) -> str:
    """Speaks of what they told, if they did."""
    return material.pick("bridge", (templates.BRIDGE if material.told else templates.BRIDGE_WITHOUT_NEED)[material.formal])


def times(material: Material, phrases: Phrases, find: Find | None) -> list[Line]:
    """The times as their evidence spells them, between the operator's words about calls."""
    bridge = "" if find else _bridge(material)
    spans = [one.spoken if one.spoken in one.evidence.text else one.evidence.text for one in material.context.slots]
    listed = f"{', '.join(spans[:-1])} or {spans[-1]}" if len(spans) > 1 else spans[0]
    text = _filled(material.pick("slots", templates.SLOTS[material.formal]), times=listed)
    lines = [
        Line(phrases.body or bridge, "inferred", spare=1),
        *_owed(material, templates.OWED_IN_A_CALL),
        Line(text, "documented", tuple(one.evidence.id for one in material.context.slots)),
        Line(phrases.aside, "inferred", spare=2),
    ]
    return [one for one in lines if one.text]


def _saying(material: Material, what: str, wordings: Sequence[str], find: Find, span: str, *, spare: int = 0) -> Line:
    text = _filled(material.pick(what, wordings), called=called(find.asset), short=in_short(find.asset), span=_ended(span))
    return Line(text, "documented", (find.asset.evidence.id,), spare)


def _quoting(material: Material, what: str, wordings: Sequence[str], quote: Quote, *, spare: int = 0) -> Line:
    return Line(_filled(material.pick(what, wordings), span=quote.span), "documented", (quote.source,), spare)


def _ended(span: str) -> str:
    return span if span.endswith((".", "!", "?")) else f"{span}."


def _filled(wording: str, **values: str) -> str:
    """In one pass: a brace in somebody's words is no variable."""
    return VARIABLE.sub(lambda found: values[found[1]], wording)

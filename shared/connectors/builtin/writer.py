"""The Model port without a model: writes draft_writer's mails from facts and templates, the same way for the same run."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from shared.connectors.builtin import templates
from shared.connectors.builtin.material import Material, Quote, material_of
from shared.connectors.builtin.phrasings import as_sentence, chosen_phrasings
from shared.connectors.builtin.quoting import is_harmless, is_request
from shared.domain.assets import AssetMatch
from shared.domain.planning import Action
from shared.ports.errors import MalformedAnswer
from shared.ports.model import Answer, ModelReply, ModelRequest

VERSION = "built-in-writer/1"
MOST_WORDS = 160
"""Of the sentences; greeting, signature and links share the 200 with them."""

REFERS_TO_TIMES = re.compile(r"\b(?:these|those|which of|one of|either)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """A sentence on its way into the mail. The higher `spare`, the sooner it goes when the mail is too long."""

    text: str
    kind: str
    sources: tuple[str, ...] = ()
    spare: int = 0


class BuiltInWriter:
    """Implements ports.model.Model. Raises Permanent for agents it has no templates for."""

    def complete(self, request: ModelRequest[Answer]) -> ModelReply[Answer]:
        material = material_of(request)
        try:
            answer = request.output.model_validate(_mail(material))
        except ValidationError as error:
            raise MalformedAnswer(f"the built-in writer's mail does not fit {request.output.__name__}", source="builtin") from error
        return ModelReply(answer=answer, model=VERSION)


def _mail(material: Material) -> dict[str, object]:
    phrases = chosen_phrasings(material)
    asset = material.asset()
    paragraphs = [
        _opening(material, phrases.get("opening", "")),
        _substance(material, asset, phrases.get("body", "") or phrases.get("aside", "")),
        [Line(_call_to_action(material, asset), "inferred")],
        [Line(phrases["closing"], "inferred")] if "closing" in phrases else [],
    ]
    return {
        "subject": _subject(material, asset),
        "paragraphs": [{"sentences": [_as_answer(one) for one in lines]} for lines in _within_limit(paragraphs) if lines],
        "attach": [asset.file_id] if asset else [],
    }


def _opening(material: Material, phrase: str) -> list[Line]:
    """Thanks, then what they said they need, then what they had said before."""
    thanks = templates.THANKS_AGAIN if material.in_thread else templates.THANKS
    received = material.evidence("state.form_received")
    text = phrase or material.pick("thanks", thanks[material.formal])
    lines = [Line(text, "state" if received else "inferred", (received.id,) if received else ())]
    need, topic, earlier = material.need(), material.topic(), material.earlier()
    if need:
        lines.append(_quoted(material, "need", _wordings("need", need, material), need))
    elif topic:
        lines.append(_quoted(material, "topic", templates.TOPIC, topic))
    if earlier:
        lines.append(_quoted(material, "earlier", _wordings("earlier", earlier, material), earlier, spare=2))
    return lines


def _wordings(what: str, quote: Quote, material: Material) -> Sequence[str]:
    """What was asked is said to have been asked: repeated as a statement it would read like a request of ours."""
    return templates.QUOTES[what, material.in_thread, is_request(quote.span)]


def _substance(material: Material, asset: AssetMatch | None, phrase: str) -> list[Line]:
    own = [Line(phrase, "inferred")] if phrase else [_bridge(material)]
    if asset is not None:
        return [*own, *_asset_lines(material, asset)]
    if material.plan.action is Action.PROPOSE_CALL and material.context.slots:
        return [*own, _slots_line(material)]
    return [*own, *_offer_lines(material)]


def _bridge(material: Material) -> Line:
    told = material.need() or material.topic() or material.earlier()
    wordings: Sequence[str] = (templates.BRIDGE if told else templates.BRIDGE_WITHOUT_NEED)[material.formal]
    return Line(material.pick("bridge", wordings), "inferred", spare=1)


def _asset_lines(material: Material, asset: AssetMatch) -> list[Line]:
    kind = asset.kind.replace("_", " ")
    text = material.pick("asset", templates.ASSET[material.formal]).format(kind=kind)
    quote = material.asset_quote(asset)
    return [
        Line(text, "state", (asset.evidence.id,)),
        *([_quoted(material, "passage", templates.ASSET_QUOTE, quote, spare=3)] if quote else []),
    ]


def _slots_line(material: Material) -> Line:
    """The times as their evidence spells them."""
    spans = [one.spoken if one.spoken in one.evidence.text else one.evidence.text for one in material.context.slots]
    times = f"{', '.join(spans[:-1])} or {spans[-1]}" if len(spans) > 1 else spans[0]
    text = material.pick("slots", templates.SLOTS[material.formal]).replace("{times}", times)
    return Line(text, "documented", tuple(one.evidence.id for one in material.context.slots))


def _offer_lines(material: Material) -> Iterable[Line]:
    offer = material.offer()
    if offer is None or material.avoids(offer.span):
        return ()
    wordings = templates.OFFER[material.formal] if offer.span[:1].islower() else templates.OFFER_SENTENCE
    return (_quoted(material, "offer", wordings, offer, spare=1),)


def _call_to_action(material: Material, asset: AssetMatch | None) -> str:
    """The plan's, unless it speaks of times or a document that this mail does not have."""
    action, slots = material.plan.action, material.context.slots
    planned = " ".join(material.plan.call_to_action.split())
    stands = not (action is Action.PROPOSE_CALL and not slots and REFERS_TO_TIMES.search(planned))
    stands = stands and not (action is Action.SEND_ASSET and asset is None)
    if stands and is_harmless(planned) and "\u2014" not in planned and not material.avoids(planned):
        return planned if planned.endswith("?") else as_sentence(planned)
    if action is Action.PROPOSE_CALL:
        return material.pick("ask", (templates.ASK_SLOTS if slots else templates.ASK_CALL)[material.formal])
    return material.pick("ask", (templates.ASK_ASSET if asset else templates.ASK_NEED)[material.formal])


def _subject(material: Material, asset: AssetMatch | None) -> str:
    company = material.company()
    call = material.plan.action is Action.PROPOSE_CALL
    purpose = "asset" if asset else "call" if call else "follow_up"
    pattern = material.pick("subject", templates.SUBJECT[f"{purpose}_company" if company else purpose])
    return pattern.replace("{kind}", asset.kind.replace("_", " ") if asset else "").replace("{company}", company)


def _quoted(material: Material, what: str, wordings: Sequence[str], quote: Quote, *, spare: int = 0) -> Line:
    return Line(material.pick(what, wordings).replace("{span}", quote.span), "documented", (quote.source,), spare)


def _within_limit(paragraphs: list[list[Line]]) -> list[list[Line]]:
    """Drop what can be spared until the sentences are short enough."""
    while sum(len(one.text.split()) for lines in paragraphs for one in lines) > MOST_WORDS:
        spare = max((one for lines in paragraphs for one in lines), key=lambda one: one.spare)
        if not spare.spare:
            break
        paragraphs = [[one for one in lines if one is not spare] for lines in paragraphs]
    return paragraphs


def _as_answer(line: Line) -> dict[str, object]:
    return {"text": line.text, "kind": line.kind, "sources": line.sources}

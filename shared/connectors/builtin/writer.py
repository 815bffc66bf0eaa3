"""The Model port without a model: writes draft_writer's mails from facts and templates, the same way for the same run."""

import re

from pydantic import ValidationError

from shared.connectors.builtin import templates
from shared.connectors.builtin.material import Find, Material, material_of
from shared.connectors.builtin.paragraphs import Line, answer, offering, opening, times
from shared.connectors.builtin.phrasings import as_sentence, chosen_phrasings
from shared.connectors.builtin.quoting import is_harmless
from shared.connectors.builtin.subjects import subject_of
from shared.domain.planning import Action
from shared.ports.errors import MalformedAnswer
from shared.ports.model import Answer, ModelReply, ModelRequest

VERSION = "built-in-writer/3"
MOST_WORDS = 160
"""Of the sentences; greeting, signature and links share the 200 with them."""

REFERS_TO_TIMES = re.compile(r"\b(?:these|those|which of|one of|either|this time)\b", re.IGNORECASE)


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
    find = material.find()
    return {
        "subject": subject_of(material, find),
        "paragraphs": [
            {"sentences": [_as_answer(one) for one in lines]} for lines in _within_limit(_paragraphs(material, find), material) if lines
        ],
        "attach": [find.asset.file_id] if find else [],
    }


def _paragraphs(material: Material, find: Find | None) -> list[list[Line]]:
    phrases = chosen_phrasings(material, linking=find is not None)
    opened, answered = opening(material, phrases, find), answer(material, phrases, find)
    offered = times(material, phrases, find) if material.calls else [] if find else offering(material, phrases, answered=bool(answered))
    if material.wish.longer and (material.calls or find or answered):
        answered = [*answered, *offering(material, phrases, answered=material.calls and not find)]
        offered = offered if material.calls else []
    asked = Line(_call_to_action(material, find), "inferred")
    return [
        *([opened, answered] if len(opened) > 1 else [[*opened, *answered]]),
        [*offered, asked] if material.calls else offered,
        [] if material.calls else [asked],
        [Line(phrases.closing, "inferred", spare=1 if material.wish.shorter else 0)] if phrases.closing else [],
    ]


def _call_to_action(material: Material, find: Find | None) -> str:
    """The plan's, unless it speaks of times or a document that this mail does not have."""
    action, slots = material.plan.action, material.context.slots
    planned = " ".join(material.plan.call_to_action.split())
    stands = not (REFERS_TO_TIMES.search(planned) and not (action is Action.PROPOSE_CALL and slots))
    stands = stands and not (action is Action.SEND_ASSET and find is None)
    if stands and is_harmless(planned) and "\u2014" not in planned and not material.avoids(planned):
        return planned if planned.endswith("?") else as_sentence(planned)
    if action is Action.PROPOSE_CALL:
        return material.pick("ask", (templates.ASK_SLOTS if slots else templates.ASK_CALL)[material.formal])
    return material.pick("ask", (templates.ASK_ASSET if find else templates.ASK_NEED)[material.formal])


def _within_limit(paragraphs: list[list[Line]], material: Material) -> list[list[Line]]:
    """Drop what can be spared until the sentences are short enough; everything that can, when it should be shorter."""
    most = 0 if material.wish.shorter else MOST_WORDS
    while sum(len(one.text.split()) for lines in paragraphs for one in lines) > most:
        spare = max((one for lines in paragraphs for one in lines), key=lambda one: one.spare)
        if not spare.spare:
            break
        paragraphs = [[one for one in lines if one is not spare] for lines in paragraphs]
    return paragraphs


def _as_answer(line: Line) -> dict[str, object]:
    return {"text": line.text, "kind": line.kind, "sources": line.sources}

"""What an operator asks of another text, as far as it can be read without a model: shorter, longer, more formal, less, and no call."""

import re

from shared.domain.entity import Value
from shared.domain.planning import Action, Plan, Tone

LONGEST_INSTRUCTION = 500

ASKED_INSTEAD = "What would be the most useful next step for you?"

_NOT = r"\b(?:not|no|without|less|never|don'?t|do not|avoid|drop|skip|leave out|remove|instead of)\b[^.;,]{0,20}"
_SHORTER = re.compile(r"\b(?:shorter|short|briefer|brief|concise|cut|shorten|trim|fewer words|half as long|to the point)\b", re.IGNORECASE)
_LONGER = re.compile(r"\b(?:longer|more detail(?:s|ed)?|in detail|elaborate|expand|more words)\b", re.IGNORECASE)
_FORMAL = re.compile(r"\b(?:formal|formally|polite|politer|professional)\b", re.IGNORECASE)
_INFORMAL = re.compile(r"\b(?:informal|casual|conversational|relaxed|friendly|friendlier|warm|warmer|personal)\b", re.IGNORECASE)
_NO_CALL = re.compile(rf"(?:{_NOT})(?:calls?|meetings?|times|slots|appointments?)\b", re.IGNORECASE)
_LESS_FORMAL = re.compile(rf"(?:{_NOT}|\b(?:less|too) )(?:so |too )?(?:formal|professional)", re.IGNORECASE)
_LESS_INFORMAL = re.compile(
    rf"(?:{_NOT}|\b(?:less|too) )(?:so |too )?(?:informal|casual|conversational|relaxed|friendly|personal)", re.IGNORECASE
)
_NOT_SHORTER = re.compile(rf"(?:{_NOT})(?:so |too |be )?(?:short|brief)", re.IGNORECASE)
_NOT_LONGER = re.compile(rf"(?:{_NOT}|\btoo )(?:so |too |be )?(?:long|detail)", re.IGNORECASE)


class Instruction(Value):
    """What was understood; anything else is for a model to read."""

    shorter: bool = False
    longer: bool = False
    tone: Tone | None = None
    no_call: bool = False


def understood(text: str) -> Instruction:
    shorter = bool(_NOT_LONGER.search(text)) or (bool(_SHORTER.search(text)) and not _NOT_SHORTER.search(text))
    longer = not shorter and (bool(_NOT_SHORTER.search(text)) or bool(_LONGER.search(text)))
    return Instruction(shorter=shorter, longer=longer, tone=_tone(text), no_call=bool(_NO_CALL.search(text)))


def as_instructed(plan: Plan, instruction: str) -> Plan:
    """The plan of this one text, for who writes it and who judges it. A call that is not wanted becomes an answer with another question."""
    wish = understood(instruction)
    changes: dict[str, object] = {}
    if wish.tone is not None and wish.tone is not plan.tone:
        changes["tone"] = wish.tone
    if wish.no_call and plan.action is Action.PROPOSE_CALL:
        changes |= {"action": Action.SEND_FOLLOWUP, "call_to_action": ASKED_INSTEAD}
    return plan.model_copy(update=changes) if changes else plan


def _tone(text: str) -> Tone | None:
    if _LESS_FORMAL.search(text):
        return Tone.CONVERSATIONAL
    if _LESS_INFORMAL.search(text):
        return Tone.FORMAL
    if _INFORMAL.search(text):
        return Tone.CONVERSATIONAL
    return Tone.FORMAL if _FORMAL.search(text) else None

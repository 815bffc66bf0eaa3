"""How the plan is told: the reason to the operator, the one request to the relationship, the tone towards their company."""

import re
from zoneinfo import ZoneInfo

from shared.agents.next_step_planner.wishes import Wishes
from shared.domain.assets import AssetMatch
from shared.domain.people import Identity
from shared.domain.planning import Action, Context, JobKind, Tone
from shared.domain.prose import excerpt, flat

ENTERPRISE = 1000
"""Employees from which on a company is written to formally."""
QUOTED = 90

_FORMAL_INDUSTRY = re.compile(
    r"financ|bank|insur|capital markets|investment|accounting|health|hospital|pharma|medical|biotech|government|public (?:policy|safety)"
    r"|judiciary|military|legislative",
    re.IGNORECASE,
)


def tone_for(identity: Identity) -> Tone:
    company = identity.company
    if company is None:
        return Tone.CONVERSATIONAL
    large = company.employees is not None and company.employees >= ENTERPRISE
    return Tone.FORMAL if large or _FORMAL_INDUSTRY.search(company.industry.replace("_", " ")) else Tone.CONVERSATIONAL


def call_to_action(context: Context, wishes: Wishes, action: Action, tone: Tone) -> str:
    """One question, without a number or a date: those stand in sentences that cite their source."""
    formal = tone is Tone.FORMAL
    if action is Action.PROPOSE_CALL:
        one = "this time" if len(context.slots) == 1 else "one of these times"
        return f"Would {one} be convenient for a short call?" if formal else f"Would {one} work for a short call?"
    if action is Action.SEND_ASSET:
        return "Would you like to discuss what this could mean for you?" if formal else "Does this match what you have in mind?"
    if wishes.call:
        return "Which day would be convenient for a short call?" if formal else "Which day works for a short call?"
    if context.job.kind is JobKind.NURTURE:
        return "Is there a topic you would like to hear more about?"
    if not context.job.entry.message and not wishes.waiting_for:
        return "Could you tell me what you are looking for?" if formal else "What are you looking for?"
    return "Could you tell me what matters most to you in this?" if formal else "What matters most to you here?"


def reason_for(context: Context, wishes: Wishes, action: Action, asset: AssetMatch | None) -> str:
    """One or two sentences: what they want and what speaks for this step."""
    step = f"{_who(context)} {_want(context, wishes)}{_why(context, action, asset)}."
    return " ".join(part for part in (step, _hurry(context, action), _waiting(wishes)) if part)


def _who(context: Context) -> str:
    entry, identity = context.job.entry, context.identity
    name = identity.contact.name or flat(f"{entry.field('firstname')} {entry.field('lastname')}") or entry.email
    firm = identity.company.name if identity.company else flat(entry.field("company"))
    return excerpt(f"{name} from {firm}" if firm else name, QUOTED)


def _want(context: Context, wishes: Wishes) -> str:
    form = f" through “{excerpt(context.job.entry.form_name, QUOTED)}”" if context.job.entry.form_name else ""
    if wishes.call:
        return f"asked for a conversation or prices{form}"
    if wishes.material:
        return f"asked for material{form}"
    if wishes.question:
        return f"asked “{excerpt(wishes.question, QUOTED)}”{form}"
    if context.job.entry.imported:
        return f"stands in the imported list “{excerpt(context.job.entry.form_name, QUOTED)}”"
    return f"signed up{form}" if context.job.kind is JobKind.NURTURE else f"got in touch{form}"


def _why(context: Context, action: Action, asset: AssetMatch | None) -> str:
    if action is Action.PROPOSE_CALL:
        return f", and you are free on {context.slots[0].spoken}"
    if action is Action.SEND_ASSET and asset:
        return f", and “{excerpt(asset.name, QUOTED)}” fits what they wrote"
    return ""


def _hurry(context: Context, action: Action) -> str:
    """For a first time on the day of the form, in the zone it is spoken of."""
    if action is not Action.PROPOSE_CALL:
        return ""
    first = context.slots[0]
    zone = ZoneInfo(first.timezone)
    same_day = first.start.astimezone(zone).date() == context.job.entry.submitted_at.astimezone(zone).date()
    return "That is the day they wrote, so approve it soon." if same_day else ""


def _waiting(wishes: Wishes) -> str:
    return f"They still wait for an answer to “{excerpt(wishes.waiting_for, QUOTED)}”." if wishes.waiting_for else ""

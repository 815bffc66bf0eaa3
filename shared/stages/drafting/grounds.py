"""What the law says before anything is written: what it refuses is worth no model's call. Used by plan and draft; the gate judges, too."""

from datetime import datetime

from shared.domain.compliance import Compliance
from shared.domain.guardrails import relationship_of
from shared.domain.lawful_basis import Footing
from shared.domain.lawfulness import baseless, unaddressed
from shared.domain.planning import Action, Context, Plan
from shared.domain.policy import CURRENT, Policy
from shared.domain.sends import Touch
from shared.domain.workspace import Workspace
from shared.ports.errors import SettingNeeded
from shared.ports.store import Key, Store
from shared.stages.policy.in_force import policy_of


def touch_of(context: Context) -> Touch:
    """A form or a mail of theirs is answered; a row of somebody's table never asked for anything."""
    if not context.job.entry.imported:
        return Touch.ANSWER
    return Touch.FOLLOW_UP if context.reading else Touch.OUTREACH


def lawful_step(made: Plan, context: Context, *, workspace: Workspace, store: Store, now: datetime) -> Plan:
    """The plan; none when nothing lets them be written to. Whoever asked is answered, and no policy is read for that."""
    touch = touch_of(context)
    if made.action is Action.NO_ACTION or touch is Touch.ANSWER:
        return made
    [found] = store.read(Key(Policy, workspace.id, CURRENT))
    rules = policy_of(found, workspace.id).rules.compliance
    against = baseless(rules, relationship_of(context).footing, touch=touch, now=now)
    if against is None:
        return made
    return made.model_copy(update={"action": Action.NO_ACTION, "reason": against.told, "refused": True, "call_to_action": "", "delay_s": 0})


def check_address(rules: Compliance, footing: Footing, *, touch: Touch, workspace: Workspace) -> None:
    """SettingNeeded when its footer has to say an address that nobody has set: the run waits, and goes on by itself when it is."""
    against = unaddressed(rules, footing, touch=touch, postal_address=workspace.postal_address)
    if against is not None:
        raise SettingNeeded(against.told)

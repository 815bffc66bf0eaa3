"""Earned autonomy: how people have judged the drafts a rule spoke for, read off the audit log and nothing else. Pure; replays exactly.

A draft counts from its `draft.considered` entry on, which names the rules. What nobody logged can earn nothing. A bad judgement is for
ever: nothing makes it good again.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import ClassVar

from shared.domain.audit import ActorKind, AuditEntry
from shared.domain.entity import Entity, Value
from shared.domain.ids import DraftId
from shared.domain.policy import AutoRule
from shared.domain.sends import Touch

WINDOW = 200
"""Judgements of a rule that count, the newest."""
MOST_UNDECIDED = 1_000
"""Drafts nobody has judged that are remembered; what is said of older ones is not heard any more."""
Z = 1.959963984540054
"""Of a two-sided interval of 95%."""
CONSIDERED, YES = "draft.considered", "answer:approve"


class Fate(StrEnum):
    """What became of a draft a rule spoke for, the worst last."""

    OPEN = "open"
    UNATTENDED = "unattended"  # approved by a rule: that says nothing about the rule
    CLEAN = "clean"  # a person approved it as it was
    CHANGED = "changed"
    REJECTED = "rejected"
    UNWELCOME = "unwelcome"  # it bounced, or they opted out
    COMPLAINED = "complained"


ORDER = {fate: number for number, fate in enumerate(Fate)}
BAD = frozenset({Fate.CHANGED, Fate.REJECTED, Fate.UNWELCOME, Fate.COMPLAINED})
JUDGED = BAD | {Fate.CLEAN}
BY_CAUSE = {"complaint": Fate.COMPLAINED, "bounce": Fate.UNWELCOME, "opt_out": Fate.UNWELCOME}
"""Causes of suppressions, as they are logged."""
BY_PERSON = {
    "draft.edited": Fate.CHANGED,
    "draft.regenerated": Fate.CHANGED,
    "draft.rejected": Fate.REJECTED,
    "draft.objected": Fate.REJECTED,
}
BY_GMAIL = {"draft.edited_outside": Fate.CHANGED, "draft.discarded": Fate.REJECTED}
"""What an operator did there, as we noticed it."""
TAKEN_BACK = frozenset({"draft.undone", "send.cancelled"})
TOLD = {
    Fate.CHANGED: "changed",
    Fate.REJECTED: "rejected",
    Fate.UNWELCOME: "bounced or opted out",
    Fate.COMPLAINED: "complained about",
}


class Mail(Value):
    """A draft that was considered. `since` is the entry that said what became of it."""

    draft_id: DraftId
    contact: str  # as the log names them
    touch: Touch
    rules: tuple[AutoRule, ...]
    fate: Fate = Fate.OPEN
    changed: int = 0  # percent of its words
    since: str


class TrackRecord(Entity):
    """`autonomy/{operator id}`: the log folded up to the entry `through`. Derived: without it the log is read from its beginning."""

    collection: ClassVar[str] = "autonomy"

    through: str = ""
    mails: tuple[Mail, ...] = ()


class Standing(Value):
    """What a rule has earned with one kind of mail of one operator."""

    rule: AutoRule
    touch: Touch
    confidence: float
    clean: int
    bad: Mapping[Fate, int]
    changed_by: int = 0  # percent, of those that were changed, on average

    @property
    def judged(self) -> int:
        return self.clean + sum(self.bad.values())

    @property
    def bound(self) -> float:
        """What the true share of unchanged approvals is at least, as sure as one can be with so few."""
        return wilson_lower(self.clean, self.judged)

    @property
    def earned(self) -> bool:
        return self.bound >= self.confidence

    @property
    def needs(self) -> int:
        """Unchanged approvals in a row until it is earned; 0 when it is."""
        bad = sum(self.bad.values())
        room = WINDOW - bad  # beyond that the oldest judgements make place
        return next((more for more in range(room) if wilson_lower(self.clean + more, self.judged + more) >= self.confidence), WINDOW)

    @property
    def told(self) -> str:
        """ "earned: 74 of the last 75 approved unchanged (1 rejected)"."""
        against = [self._told_of(fate) for fate in TOLD if self.bad.get(fate)]
        seen = f"{self.clean} of the last {self.judged} approved unchanged" if self.judged else "nobody has judged any yet"
        known = f"{seen} ({', '.join(against)})" if against else seen
        more = "needs {} more in a row" if self.judged else "needs {} approved unchanged"
        return f"earned: {known}" if self.earned else f"not earned yet: {known}; {more.format(self.needs)}"

    def _told_of(self, fate: Fate) -> str:
        told = f"{self.bad[fate]} {TOLD[fate]}"
        return f"{told} by {self.changed_by}% of the words" if fate is Fate.CHANGED and self.changed_by else told


def wilson_lower(good: int, of: int) -> float:
    """https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval: 35 of 35 are at least 0.90, 73 of 73 at least 0.95."""
    if not of:
        return 0.0
    share, square = good / of, Z * Z
    middle = share + square / (2 * of)
    spread = Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return (middle - spread) / (1 + square / of)


def standing(mails: Iterable[Mail], *, rule: AutoRule, touch: Touch, confidence: float) -> Standing:
    """A complaint takes what was earned before it; what spoke against the rule stays."""
    judged = [one for one in mails if rule in one.rules and one.touch is touch and one.fate in JUDGED]
    complaint = max((one.since for one in judged if one.fate is Fate.COMPLAINED), default="")
    changed = [one.changed for one in judged if one.fate is Fate.CHANGED]
    return Standing(
        rule=rule,
        touch=touch,
        confidence=confidence,
        clean=sum(one.fate is Fate.CLEAN and one.since > complaint for one in judged),
        bad={fate: count for fate in Fate if fate in BAD and (count := sum(one.fate is fate for one in judged))},
        changed_by=round(sum(changed) / len(changed)) if changed else 0,
    )


def folded(record: TrackRecord, entries: Iterable[AuditEntry]) -> TrackRecord:
    """The record after these entries, in whatever order and however often they are given; what it knows already changes nothing."""
    mails = {one.draft_id: one for one in record.mails}
    through = record.through
    for entry in sorted({one.id: one for one in entries}.values(), key=lambda one: one.id):
        if entry.id > through:
            through = entry.id
            _apply(entry, mails, operator_id=record.id)
    return record.model_copy(update={"through": through, "mails": tuple(mails.values())})


def _apply(entry: AuditEntry, mails: dict[DraftId, Mail], *, operator_id: str) -> None:
    id = DraftId(entry.draft_id)
    if entry.action == CONSIDERED:
        _consider(entry, mails, operator_id=operator_id)
        return
    about = [mails[id]] if id in mails else _of_contact(entry, mails)
    for mail in about:
        fate = _fate_after(entry, mail)
        if fate is not mail.fate or _percent(entry):
            mails[mail.draft_id] = mail.model_copy(
                update={"fate": fate, "since": entry.id, "changed": min(100, mail.changed + _percent(entry))}
            )
            _forget_judged(mails, mail)


def _consider(entry: AuditEntry, mails: dict[DraftId, Mail], *, operator_id: str) -> None:
    """A rule that says yes has approved it, until it is considered again and left to a person: its approval comes at the same moment."""
    known = mails.get(DraftId(entry.draft_id)) or _opened(entry, operator_id)
    if known is None or known.fate not in (Fate.OPEN, Fate.UNATTENDED):
        return
    fate = Fate.UNATTENDED if YES in entry.evidence else Fate.OPEN
    mails[known.draft_id] = known.model_copy(update={"fate": fate})
    _forget_undecided(mails)


def _opened(entry: AuditEntry, operator_id: str) -> Mail | None:
    """None when no rule spoke for it, or it is another operator's."""
    told = [one.partition(":") for one in entry.evidence]
    rules = tuple(AutoRule(value) for name, _, value in told if name == "rule" and value in set(AutoRule))
    ours = any((name, value) == ("operator", operator_id) for name, _, value in told)
    touch = next((value for name, _, value in told if name == "touch"), Touch.ANSWER)
    if not rules or not ours or not entry.draft_id:
        return None
    return Mail(draft_id=DraftId(entry.draft_id), contact=entry.contact, touch=Touch(touch), rules=rules, since=entry.id)


def _of_contact(entry: AuditEntry, mails: Mapping[DraftId, Mail]) -> list[Mail]:
    """Those that may have reached somebody who says now that they should not have."""
    if entry.action != "suppression.added" or entry.reason not in BY_CAUSE or not entry.contact:
        return []
    return [one for one in mails.values() if one.contact == entry.contact and one.fate is not Fate.OPEN]


def _fate_after(entry: AuditEntry, mail: Mail) -> Fate:
    said = _said(entry, mail.fate)
    return said if mail.fate not in BAD or ORDER[said] > ORDER[mail.fate] else mail.fate


def _said(entry: AuditEntry, before: Fate) -> Fate:
    """What an entry makes of a draft that was like this before; what says nothing leaves it so."""
    person = entry.actor.kind in (ActorKind.PERSON, ActorKind.TOKEN)
    if entry.action == "draft.approved":
        return Fate.CLEAN if person else Fate.UNATTENDED
    if entry.action in TAKEN_BACK and person:
        return Fate.REJECTED if before is Fate.UNATTENDED else Fate.OPEN
    if entry.action == "send.voided":
        return Fate.CHANGED if "fence" in entry.evidence else Fate.OPEN
    if entry.action == "suppression.added":
        return BY_CAUSE.get(entry.reason, before)
    known = BY_GMAIL | BY_PERSON if person else BY_GMAIL
    return known.get(entry.action, before)


def _percent(entry: AuditEntry) -> int:
    """How much of the text an edit has changed."""
    told = (one.partition(":") for one in entry.evidence) if entry.action in ("draft.edited", "draft.regenerated") else ()
    return next((int(value) for name, _, value in told if name == "changed" and value.isdecimal()), 0)


def _forget_undecided(mails: dict[DraftId, Mail]) -> None:
    undecided = [one for one in mails.values() if one.fate not in JUDGED]
    if len(undecided) > MOST_UNDECIDED:
        del mails[min(undecided, key=lambda one: one.since).draft_id]


def _forget_judged(mails: dict[DraftId, Mail], of: Mail) -> None:
    """Beyond the window the oldest judgement counts for that rule no more."""
    for rule, oldest in _beyond(mails, of):
        kept = tuple(one for one in mails[oldest].rules if one is not rule)
        if kept:
            mails[oldest] = mails[oldest].model_copy(update={"rules": kept})
        else:
            del mails[oldest]


def _beyond(mails: Mapping[DraftId, Mail], of: Mail) -> Iterator[tuple[AutoRule, DraftId]]:
    for rule in of.rules:
        judged = [one for one in mails.values() if rule in one.rules and one.touch is of.touch and one.fate in JUDGED]
        if len(judged) > WINDOW:
            yield rule, min(judged, key=lambda one: one.since).draft_id

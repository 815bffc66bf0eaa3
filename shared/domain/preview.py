"""What a proposed policy would have done with what was decided before. Pure; used by previewing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from shared.domain.auto_approval import FLAG, chosen
from shared.domain.autonomy import Fate, TrackRecord
from shared.domain.entity import Value
from shared.domain.guardrails import Relationship, refusals
from shared.domain.ids import OperatorId, WorkspaceId
from shared.domain.lawfulness import Letter, unlawful
from shared.domain.policy import AutoRule, Quotas, Rules, Stance
from shared.domain.quotas import WORKSPACE_BOOK, Books, QuotaBook, Reservation, contact_book, mailbox_book, refusal
from shared.domain.refusals import Refusal
from shared.domain.sends import Touch
from shared.domain.workspace import Operator

MODE = Refusal(rule="mode", reason="In DRAFT_ONLY the operator sends it, not we.")

SEEN_TO_WHEN_WRITTEN = frozenset({"disclosure", "tracking"})
"""Under the proposed rules it would have been written with what they ask it to say, and without what they forbid."""


class Decision(Value):
    """A draft that was approved or refused, with what the guardrails looked at. `sent`: a send of ours was made of it.

    `refused_by` are the guardrails that were in the way, `otherwise` whether anything else was too.
    """

    draft_id: str
    at: datetime
    operator: Operator
    relationship: Relationship
    letter: Letter
    sent: bool
    refused_by: tuple[str, ...] = ()
    otherwise: bool = False


class Candidate(Value):
    """A draft that was considered for leaving without a person: what spoke for it, its draw, and what people made of it (`autonomy`)."""

    draft_id: str
    at: datetime
    operator_id: OperatorId
    touch: Touch
    rules: tuple[AutoRule, ...]
    draw: float
    fate: Fate | None = None  # None: the log does not tell any more


class Unattended(Value):
    """What rules would have approved, by what they have earned up to now, and how people judged those very drafts."""

    considered: int
    approved: Mapping[AutoRule, int]
    sampled: int
    judged: Mapping[Fate, int]


class Left(Value):
    """A mail that has left, or may have."""

    place: Reservation
    operator: Operator
    recipient: str


class Change(Value):
    """A decision that would have ended differently: by which rules, in a salesperson's words."""

    draft_id: str
    at: datetime
    rules: tuple[str, ...]
    reason: str = ""


class Preview(Value):
    """`waited` counts, by limit, the mails that a quota would have held back; one counts once, for the limit that held it longest."""

    decisions: int
    refused: tuple[Change, ...]
    allowed: tuple[Change, ...]
    left: int
    waited: Mapping[str, int]

    @property
    def refused_by_rule(self) -> Mapping[str, int]:
        return _by_rule(self.refused)

    @property
    def allowed_by_rule(self) -> Mapping[str, int]:
        return _by_rule(self.allowed)


def previewed(rules: Rules, *, decisions: Sequence[Decision], left: Sequence[Left], workspace_id: WorkspaceId) -> Preview:
    return Preview(
        decisions=len(decisions),
        refused=tuple(_refused(rules, decisions)),
        allowed=tuple(_allowed(rules, decisions)),
        left=len(left),
        waited=waited(rules.quotas, left, workspace_id=workspace_id),
    )


def _refused(rules: Rules, decisions: Iterable[Decision]) -> Iterator[Change]:
    for one in decisions:
        against = [each for each in _against(rules, one) if each.rule not in SEEN_TO_WHEN_WRITTEN]
        if against and not one.refused_by and not one.otherwise:
            yield Change(draft_id=one.draft_id, at=one.at, rules=tuple(each.rule for each in against), reason=against[0].reason)


def _allowed(rules: Rules, decisions: Iterable[Decision]) -> Iterator[Change]:
    for one in decisions:
        if one.refused_by and not one.otherwise and not _against(rules, one):
            yield Change(draft_id=one.draft_id, at=one.at, rules=one.refused_by)


def _against(rules: Rules, one: Decision) -> tuple[Refusal, ...]:
    silent = (MODE,) if one.sent and not rules.sends_for(one.operator.id) else ()
    return (*silent, *against_contact(rules, one.relationship, operator=one.operator, letter=one.letter, at=one.at))


def against_contact(rules: Rules, relationship: Relationship, *, operator: Operator, letter: Letter, at: datetime) -> tuple[Refusal, ...]:
    """What guardrails and law have against writing to them, at that moment."""
    lawless = unlawful(rules.compliance, relationship.footing, letter=letter, now=at)
    return (*refusals(rules.guardrails, relationship, operator=operator), *lawless)


def waited(quotas: Quotas, left: Sequence[Left], *, workspace_id: WorkspaceId) -> Mapping[str, int]:
    """Replayed in their order: a mail that finds no room takes the first place there is, and those after it queue behind."""
    books: dict[str, QuotaBook] = {}
    counted: Counter[str] = Counter()
    for one in sorted(left, key=lambda one: one.place.at):
        found = _books(one, books, workspace_id)
        full = refusal(quotas, found, place=one.place, zone=one.operator.hours.timezone)
        counted.update([full.limit] if full else [])
        at = full.resets_at if full else one.place.at
        if at is not None:
            kept = found.with_place(one.place.model_copy(update={"at": at}), now=one.place.at)
            books |= {book.id: book for book in (kept.workspace, kept.mailbox, kept.contact)}
    return dict(counted)


def _books(one: Left, known: Mapping[str, QuotaBook], workspace_id: WorkspaceId) -> Books:
    ids = (WORKSPACE_BOOK, mailbox_book(one.operator.id), contact_book(workspace_id, one.recipient))
    workspace, mailbox, contact = (known.get(id) or QuotaBook(id=id, workspace_id=workspace_id) for id in ids)
    return Books(workspace=workspace, mailbox=mailbox, contact=contact)


def unattended(rules: Rules, candidates: Sequence[Candidate], records: Mapping[OperatorId, TrackRecord]) -> Unattended:
    """`records` by operator. What always wins is looked at as the proposed rules have it: with the kill switch on nothing is approved."""
    auto, chances = rules.auto_approval, list[tuple[Candidate, AutoRule]]()
    for one in candidates:
        possible = auto.stance is Stance.ACT and rules.sends_for(one.operator_id) and not rules.kill_switch.on
        rule, _ = chosen(one.rules, auto=auto, operator_id=one.operator_id, touch=one.touch, record=records.get(one.operator_id))
        if possible and rule is not None and (FLAG not in rules.flags or rules.has(FLAG, one.draft_id)):
            chances.append((one, rule))
    approved = [(one, rule) for one, rule in chances if one.draw >= auto.sampled]
    return Unattended(
        considered=len(candidates),
        approved=dict(Counter(rule for _, rule in approved)),
        sampled=len(chances) - len(approved),
        judged=dict(Counter(one.fate for one, _ in approved if one.fate is not None)),
    )


def _by_rule(changes: Iterable[Change]) -> Mapping[str, int]:
    return dict(Counter(rule for one in changes for rule in one.rules))

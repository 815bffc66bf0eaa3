"""What every rule has earned, for each operator and kind of mail, and why: as data, for the API and for preview."""

from collections.abc import Iterable, Mapping, Sequence

from shared.domain.autonomy import TrackRecord, standing
from shared.domain.draft import Draft
from shared.domain.ids import OperatorId, WorkspaceId
from shared.domain.policy import CURRENT, AutoApproval, AutoRule, Policy
from shared.domain.preview import Candidate
from shared.domain.sends import Touch
from shared.domain.workspace import Operator
from shared.ports.clock import Clock
from shared.ports.store import Store
from shared.stages.policy.in_force import policy_of
from shared.stages.policy.track_records import replayed, track_record


def levels(workspace_id: WorkspaceId, *, replay: bool, store: Store, clock: Clock) -> Mapping[str, object]:
    """With `replay`, also whether the log read from its beginning says the same: null when it is too long for one call."""
    auto = policy_of(store.get(Policy, workspace_id=workspace_id, id=CURRENT), workspace_id).rules.auto_approval
    operators = store.workspace(workspace_id=workspace_id).operators
    records = {one.id: track_record(workspace_id, one.id, store=store, clock=clock) for one in operators}
    found = [line for one in operators for line in _lines(one, auto, records[one.id])]
    told: dict[str, object] = {"stance": auto.stance, "complete": None not in records.values(), "items": found}
    return told | ({"replay": _replay(records, workspace_id, store)} if replay else {})


def _replay(records: Mapping[OperatorId, TrackRecord | None], workspace_id: WorkspaceId, store: Store) -> str:
    """same, different, or unknown while the log is being read or is too long."""
    again = {id: replayed(workspace_id, id, store=store) for id in records}
    if None in records.values() or None in again.values():
        return "unknown"
    return "same" if again == records else "different"


def _lines(operator: Operator, auto: AutoApproval, record: TrackRecord | None) -> list[Mapping[str, object]]:
    """Answers always; other kinds of mail once one of them was considered."""
    mails = record.mails if record else ()
    touches = [one for one in Touch if one is Touch.ANSWER or any(mail.touch is one for mail in mails)]
    return [_line(operator, auto, record, touch, rule) for touch in touches for rule in AutoRule if rule in auto.rules]


def _line(operator: Operator, auto: AutoApproval, record: TrackRecord | None, touch: Touch, rule: AutoRule) -> Mapping[str, object]:
    found = standing(record.mails if record else (), rule=rule, touch=touch, confidence=auto.rules[rule])
    threshold = auto.threshold_for(operator.id)
    low = f"counts for {found.confidence:.2f}, and {threshold:.2f} is asked for; " if found.confidence < threshold else ""
    return {
        "operator_id": operator.id,
        "touch": touch,
        "rule": rule,
        "confidence": found.confidence,
        "threshold": threshold,
        "may_act": found.earned and found.confidence >= threshold,
        "clean": found.clean,
        "judged": found.judged,
        "bound": round(found.bound, 4),
        "needs": found.needs,
        "told": low + found.told,
    }


def candidates(drafts: Iterable[Draft], records: Mapping[OperatorId, TrackRecord]) -> Sequence[Candidate]:
    """Of those that were considered and that a rule spoke for."""
    fates = {str(mail.draft_id): mail.fate for record in records.values() for mail in record.mails}
    return [
        Candidate(
            draft_id=one.id,
            at=one.considered.at,
            operator_id=one.operator_id,
            touch=one.touch,
            rules=one.considered.rules,
            draw=one.considered.draw,
            fate=fates.get(one.id),
        )
        for one in drafts
        if one.considered is not None and one.considered.rules
    ]

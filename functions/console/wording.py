"""How the console says ages, moments, checks, kinds of evidence and the mode, in words a salesperson uses. Filters of the templates."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from shared.domain.draft import Draft, DraftState, Sentence, SentenceClass
from shared.domain.engaged import Engagement, Happened
from shared.domain.evidence import EvidenceKind
from shared.domain.ids import OperatorId
from shared.domain.policy import Mode, Rules
from shared.domain.rejection import TOLD
from shared.domain.sends import Send, SendState
from shared.domain.snoozing import Preset
from shared.domain.touches import Label
from shared.domain.verdict import Outcome

STALE = timedelta(days=180)
KINDS = {
    EvidenceKind.FORM: "Form",
    EvidenceKind.CRM: "CRM",
    EvidenceKind.MESSAGE: "Mail",
    EvidenceKind.DOCUMENT: "Document",
    EvidenceKind.SLOT: "Calendar",
    EvidenceKind.PROFILE: "Our own facts",
    EvidenceKind.STATE: "What we did",
}
WITHOUT_SOURCE = {
    SentenceClass.DOCUMENTED: ("source missing", "This sentence claims to have a source, and it is not among the evidence."),
    SentenceClass.STATE: ("our own doing", "No source: it says what we ourselves did."),
    SentenceClass.INFERRED: ("no source", "No source: a courtesy, a question or our own conclusion. It claims no fact."),
    SentenceClass.OPERATOR: ("an operator's words", "No source: written by an operator, who answers for it. The gate has checked it."),
}
SEND_WORDS = {
    SendState.APPROVED: "leaves",
    SendState.HELD: "held",
    SendState.CLAIMED: "sending now",
    SendState.PARKED: "parked",
    SendState.SENT: "sent",
    SendState.SETTLED: "sent",
    SendState.CANCELLED: "cancelled",
    SendState.FAILED: "failed",
    SendState.VOIDED: "voided",
}
PRESETS = (
    (Preset.IN_AN_HOUR, "In an hour"),
    (Preset.THIS_AFTERNOON, "This afternoon"),
    (Preset.TOMORROW, "Tomorrow morning"),
    (Preset.NEXT_WEEK, "On Monday"),
)
REASONS = tuple((reason, f"{words[:1].upper()}{words[1:]}") for reason, words in TOLD.items())
RISKS = ((50, "high"), (20, "medium"), (0, "low"))


@dataclass(frozen=True)
class ModeWords:
    """`tone` is the look: calm, live or stopped."""

    tone: str
    title: str
    sentence: str


def mode_words(rules: Rules, operator_id: OperatorId) -> ModeWords:
    if rules.kill_switch.on:
        return ModeWords("stopped", "Kill switch is on", "Nothing leaves until it is released")
    if rules.sends_for(operator_id):
        return ModeWords("live", "Sending is on", f"Approved mail leaves after {rules.pace.hold_s} s")
    if rules.mode is Mode.SEND_ALLOWED:
        return ModeWords("calm", "Draft only for you", "You send from Gmail yourself")
    return ModeWords("calm", "Draft only", "Nothing is sent")


def age(moment: datetime, now: datetime, side: str = "") -> str:
    """ "4 min", "3 h", "2 d": how long ago, or until; followed by the side ("ago", "old") where there is one to be on."""
    minutes = abs(now - moment).total_seconds() / 60
    if minutes < 1:
        return "just now" if side else "now"
    if minutes < 60:
        long = f"{minutes:.0f} min"
    else:
        long = f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 60 / 24:.0f} d"
    return f"{long} {side}".strip()


def moment(at: datetime, zone: str) -> str:
    """In the operator's zone: "Mon 23 Nov, 10:00"."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def clock_time(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def is_stale(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at > STALE


def initials(name: str) -> str:
    words = [one for one in name.replace("@", " ").split() if one[0].isalnum()]
    return "".join(one[0] for one in (words[:1] + words[1:][-1:])).upper() or "?"


def check_name(check: str) -> str:
    return check.replace("_", " ").capitalize()


def web_address(url: str) -> str:
    """The address if a browser may follow it, else nothing: evidence comes from outside."""
    return url if urlsplit(url).scheme in ("http", "https") else ""


def kind_word(kind: EvidenceKind) -> str:
    return KINDS[kind]


def without_source(sentence: Sentence) -> tuple[str, str]:
    """What stands beside the sentence, and what that means."""
    return WITHOUT_SOURCE[sentence.kind]


def risk_word(risk: int) -> str:
    return next(word for least, word in RISKS if risk >= least)


def display_name(draft: Draft) -> str:
    return draft.recipient_name or draft.recipient


def display_company(draft: Draft) -> str:
    return draft.company or draft.recipient.rpartition("@")[2]


def version_of(draft: Draft) -> str:
    """Another one whenever the page beside the list would look different."""
    return f"{draft.updated_at:%Y%m%dT%H%M%S.%f}-{draft.state}-{draft.revision}-{draft.rewriting.number if draft.rewriting else 0}"


def row_state(draft: Draft, send: Send | None, *, zone: str, now: datetime) -> tuple[str, str]:
    """The word on a row and its tone; empty when there is nothing to say."""
    if send is not None and send.state in (SendState.APPROVED, SendState.HELD):
        return (f"{SEND_WORDS[send.state]} {_when(send.due_at, zone, now)}", "calm" if send.state is SendState.APPROVED else "warn")
    if send is not None:
        return SEND_WORDS[send.state], "fail" if send.state in (SendState.PARKED, SendState.FAILED, SendState.VOIDED) else "pass"
    if draft.state is not DraftState.PENDING:
        return draft.state.replace("_", " "), "fail" if draft.state is DraftState.REJECTED else "pass"
    if draft.snoozed_until is not None and draft.snoozed_until > now:
        return f"back {moment(draft.snoozed_until, zone)}", "calm"
    return _judged(draft)


def _judged(draft: Draft) -> tuple[str, str]:
    if draft.verdict is None:
        return "being checked", "calm"
    if draft.verdict.outcome is Outcome.FAIL:
        return "blocked", "fail"
    if draft.verdict.outcome is Outcome.WARN or risk_word(draft.verdict.risk) != "low":
        return f"{risk_word(draft.verdict.risk)} risk", "warn"
    return "", ""


def engagement_line(engagement: Engagement, zone: str) -> str:
    """What can be said best of who opened it, or followed a link, and why."""
    best: Happened | None = engagement.best
    if best is None:
        return "Nobody has opened it yet, and no link was followed."
    by = {
        Label.HUMAN: f"{best.word.capitalize()} by a person",
        Label.UNKNOWN: f"{best.word.capitalize()}, nobody can tell by whom",
        Label.MACHINE: f"{best.word.capitalize()} by machines only",
    }
    return f"{by[best.label]}, {moment(best.at, zone)}: {best.reason}."


def _when(at: datetime, zone: str, now: datetime) -> str:
    seconds = (at - now).total_seconds()
    if seconds <= 0:
        return "now"
    return f"in {seconds:.0f} s" if seconds < 90 else moment(at, zone)

"""Judges drafts of the builders' world; the rows of cases.jsonl become drafts here."""

from typing import Any

from shared.agents.quality_gate.agent import DeterministicGate
from shared.domain.assets import AssetMatch
from shared.domain.conversation import Message
from shared.domain.draft import Attachment, Draft, Sentence, SentenceClass
from shared.domain.facts import facts_of
from shared.domain.people import Identity
from shared.domain.planning import Context, Tone
from shared.domain.policy import Guardrails
from shared.domain.verdict import Verdict
from tests import builders as b
from tests.footers import a_footer


def a_world(**changes: Any) -> Context:
    """Thread, memory, document and slots, with all facts the plan stage notes."""
    context = b.a_full_context(**changes)
    facts = facts_of(workspace=b.a_workspace(), operator=b.an_operator(), entry=context.job.entry, identity=context.identity)
    return context.model_copy(update={"facts": facts})


def judged(draft: Draft | None = None, **changes: Any) -> Verdict:
    """The verdict on a draft; context, plan, voice and workspace are the builders' unless given."""
    given = {
        "workspace": b.a_workspace(),
        "draft": draft or b.a_draft(thread_id="t1"),
        "context": a_world(),
        "plan": b.a_plan(),
        "voice": b.a_voice(),
        "policy": b.a_policy(),
        "suppressed": "",
        "now": b.at(minutes=2),
    }
    return DeterministicGate().judge(**{**given, **changes})


def judged_row(row: dict[str, Any]) -> Verdict:
    """The standard draft with what the row changes about it."""
    formal = row.get("tone") == "formal"
    plan = b.a_plan(tone=Tone.FORMAL if formal else Tone.CONVERSATIONAL)
    policy = b.a_policy(guardrails=Guardrails(**row.get("guardrails", {})))
    return judged(_draft(row, formal=formal), context=_context(row), plan=plan, policy=policy, suppressed=row.get("suppressed", ""))


def _draft(row: dict[str, Any], *, formal: bool) -> Draft:
    text = {key: row[key] for key in ("subject", "greeting", "sign_off", "signature") if key in row}
    if formal:
        text = {"greeting": "Dear Ana,", "sign_off": "Kind regards,", **text}
    text["paragraphs"] = _paragraphs(row)
    text["attachments"] = tuple(Attachment(**one) for one in row.get("attachments", ()))
    draft = {key: row[key] for key in ("recipient", "thread_id", "touch") if key in row}
    if "footer" in row:
        draft["footer"] = a_footer(**row["footer"])
    return b.a_draft(text=b.a_draft_text(**text), **draft)


def _paragraphs(row: dict[str, Any]) -> tuple[Any, ...]:
    if "body" in row:
        return (tuple(_sentence(one) for one in row["body"]),)
    if "words" in row:
        standing = len(b.a_draft_text(paragraphs=()).body.split()) + len(_ASKED.text.split())
        return ((b.a_sentence(" ".join(["so"] * (row["words"] - standing))), _ASKED),)
    if "sentence" not in row:
        return b.a_draft_text().paragraphs
    kind = SentenceClass(row["kind"]) if "kind" in row else None
    return ((b.a_sentence(row["sentence"], *row.get("sources", ()), kind=kind), _ASKED),)


def _sentence(told: str | dict[str, Any]) -> Sentence:
    """A plain text cites nothing; {"text": …, "sources": […]} does."""
    return b.a_sentence(told) if isinstance(told, str) else b.a_sentence(told["text"], *told["sources"])


def _context(row: dict[str, Any]) -> Context:
    identity = b.an_identity()
    if "stage" in row:
        identity = b.an_identity(contact=b.a_contact(lifecycle_stage=row["stage"]))
    if "industry" in row:
        identity = b.an_identity(company=b.a_company(industry=row["industry"]))
    if "crm" in row:
        identity = _identity(**row["crm"])
    asked = {"job": b.a_job(entry=b.a_form_entry(fields={"message": row["message"]}))} if "message" in row else {}
    return a_world(identity=identity, **_WORLDS[row.get("world", "usual")](), **asked)


def _identity(*, contact: dict[str, Any] | None = None, company: dict[str, Any] | None = None, deals: int = 0) -> Identity:
    """The standard contact and company with what the CRM knows otherwise, and so many open deals."""
    open_deals = tuple(b.a_deal(id=f"300{number}") for number in range(deals))
    return b.an_identity(contact=b.a_contact(**contact or {}), company=b.a_company(**company or {}), deals=open_deals)


def _with_message(message: Message) -> dict[str, Any]:
    span = b.an_evidence(f"message.{message.id}", text=message.text, label=f"Mail from {message.sender_name}")
    thread = b.a_thread(b.a_message(), message)
    return {"reading": b.a_thread_reading(thread=thread, evidence=(b.a_thread_reading().evidence[0], span))}


def _foreign_mail() -> dict[str, Any]:
    text = "Petra Lindqvist here. Fabrikam paid less last year."
    return _with_message(b.a_message(id="m9", sender="petra@fabrikam.example", sender_name="Petra Lindqvist", text=text))


def _wish() -> dict[str, Any]:
    return _with_message(b.a_message(id="m8", text="We would want a discount and a free trial."))


def _figures() -> dict[str, Any]:
    text = "The budget was €12,000 for 1,200 people in 30,000 square feet; queues were 35% shorter."
    return {"assets": (b.an_asset_match(evidence=b.an_evidence("document.file-1.9", text=text)),)}


def _own_files() -> dict[str, Any]:
    asset: AssetMatch = b.an_asset_match(url="https://files.example/file-1")
    return {"assets": (asset,)}


def _foreign_thread() -> dict[str, Any]:
    message = b.a_message(sender="petra@fabrikam.example", recipients=("maria@northwind.example",))
    return {"reading": b.a_thread_reading(thread=b.a_thread(message))}


_ASKED = b.a_sentence("Which part of registration matters most to you?")
_WORLDS = {
    "usual": dict,
    "new": lambda: {"reading": None},
    "foreign mail": _foreign_mail,
    "wish": _wish,
    "figures": _figures,
    "own files": _own_files,
    "internal files": lambda: {"assets": (b.an_asset_match(shareable=False),)},
    "foreign thread": _foreign_thread,
    "gave a number": lambda: {"job": b.a_job(entry=b.a_form_entry(fields={"firstname": "Ana", "phone": "+351 21 555 0143"}))},
    "wrote lately": lambda: {"reading": b.a_thread_reading(last_message_at=b.at(days=-3))},
}

"""Believable domain objects for tests: every builder takes keyword overrides, everything happens around one fixed Monday morning."""

import hashlib
from datetime import UTC, datetime, time, timedelta
from typing import Any

from shared.domain.assets import AssetKind, AssetMatch, FileEntry
from shared.domain.conversation import Direction, Message, Mood, Recollection, Thread, ThreadReading
from shared.domain.draft import Authorship, Draft, DraftText, Enclosure, Placement, Sentence, SentenceClass
from shared.domain.evidence import Evidence, EvidenceKind
from shared.domain.hints import Hint, HintSource, ParsedHint
from shared.domain.holds import Hold
from shared.domain.ids import DraftId, EvidenceId, HintId, OperatorId, RunId, SubmissionId, TraceId, WorkspaceId
from shared.domain.people import Company, Contact, Deal, Identity
from shared.domain.planning import Action, Context, Job, JobKind, Plan, Priority, Tone
from shared.domain.policy import CURRENT, Policy, Rules
from shared.domain.run import Run
from shared.domain.sender import Sender
from shared.domain.slots import Busy, Slot
from shared.domain.submission import FormEntry, FormField, Submission
from shared.domain.verdict import Outcome, Severity, Verdict, Violation
from shared.domain.voice import Phrasing, VoiceProfile
from shared.domain.workspace import CrmConnection, DriveAccess, Operator, WorkingHours, Workspace
from tests.confidential import plant_text

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WORKSPACE = WorkspaceId("northwind")
OPERATOR = OperatorId("maria")
PROSPECT = "ana.silva@brightleaf.example"
STAMPED = {"created_at": MONDAY, "updated_at": MONDAY}


def at(**later: float) -> datetime:
    """A moment relative to the fixed Monday: at(hours=-2), at(days=1)."""
    return MONDAY + timedelta(**later)


def an_operator(**changes: Any) -> Operator:
    hours = WorkingHours(timezone="Europe/Madrid", start=time(9), end=time(17, 30), country="ES")
    usual = {
        "id": OPERATOR,
        "name": "Maria Costa",
        "email": "maria@northwind.example",
        "aliases": ("maria.costa@northwind.example",),
        "hubspot_owner_id": "701",
        "hours": hours,
        "signature": "Maria Costa\nNorthwind Events",
        "refresh_token_secret": "gmail-maria",
    }
    return Operator(**{**usual, **changes})


def a_workspace(**changes: Any) -> Workspace:
    shareable = ("Case Studies", "Client Reports")
    drive = DriveAccess(
        roots=("root-1",), allowed_folders=("Northwind Proposals", *shareable), excluded=("Closed*",), shareable_folders=shareable
    )
    usual = {
        "id": WORKSPACE,
        "name": "Northwind",
        "company_name": "Northwind Events",
        "legal_name": "Northwind Events, S.L.",
        "postal_address": "Calle Mayor 1, 28013 Madrid, Spain",
        "operators": (an_operator(),),
        "default_operator": OPERATOR,
        "crm": CrmConnection(portal_id="4242", token_secret="hubspot-northwind", form_ids=("form-demo",)),
        "drive": drive,
        "link_domains": ("northwind.example", "docs.google.com", "drive.google.com"),
        "offers": ("a thirty-minute planning session at no cost",),
        "console_url": "https://console.northwind.example",
    }
    return Workspace(**{**usual, **changes})


def form_fields(**values: str) -> tuple[FormField, ...]:
    return tuple(FormField(name=name, value=value) for name, value in values.items())


def a_form_entry(**changes: Any) -> FormEntry:
    """`fields` may be a plain dict."""
    answers = {
        "firstname": "Ana",
        "lastname": "Silva",
        "company": "Brightleaf",
        "jobtitle": "Head of Marketing",
        "message": "We plan a logistics summit for 400 guests in May. Could you show us how you handle registration?",
    }
    usual = {"form_id": "form-demo", "form_name": "Request a demo", "submitted_at": MONDAY, "email": PROSPECT, "fields": answers}
    given = {**usual, **changes}
    if isinstance(given["fields"], dict):
        plant_text("message of a form", str(given["fields"].get("message", "")))
        given["fields"] = form_fields(**given["fields"])
    return FormEntry(**given)


def a_contact(**changes: Any) -> Contact:
    usual = {
        "id": "51",
        "workspace_id": WORKSPACE,
        "email": PROSPECT,
        "first_name": "Ana",
        "last_name": "Silva",
        "job_title": "Head of Marketing",
        "country": "Portugal",
        "timezone": "Europe/Lisbon",
        "lifecycle_stage": "lead",
        "owner_id": "701",
        "company_id": "901",
    }
    return Contact(**{**usual, **changes})


def a_company(**changes: Any) -> Company:
    usual = {
        "id": "901",
        "workspace_id": WORKSPACE,
        "name": "Brightleaf",
        "domain": "brightleaf.example",
        "industry": "Marketing and Advertising",
        "employees": 120,
        "city": "Lisbon",
        "country": "Portugal",
        "owner_id": "701",
    }
    return Company(**{**usual, **changes})


def a_deal(**changes: Any) -> Deal:
    return Deal(
        **{"id": "3001", "workspace_id": WORKSPACE, "name": "Brightleaf summit", "stage": "qualifiedtobuy", "amount": "12000", **changes}
    )


def an_identity(**changes: Any) -> Identity:
    return Identity(**{"found": True, "contact": a_contact(), "company": a_company(), "company_matched_by": "contact", **changes})


def a_parsed_hint(**changes: Any) -> ParsedHint:
    return ParsedHint(
        **{"source": HintSource.WORKFLOW, "portal_id": "4242", "contact_id": "51", "email": PROSPECT, "occurred_at": MONDAY, **changes}
    )


def a_hint(**changes: Any) -> Hint:
    usual = {"id": "hint-1", "workspace_id": WORKSPACE, "announced": a_parsed_hint(), "received_at": MONDAY, "trace_id": TraceId("trace-1")}
    return Hint(**{**usual, **changes})


def a_submission(**changes: Any) -> Submission:
    ids = {"id": "submission-1", "portal_id": "4242", "run_id": RunId("run_1"), "contact_id": "51"}
    usual = {**ids, "workspace_id": WORKSPACE, "entry": a_form_entry()}
    return Submission(**{**usual, **changes})


def an_evidence(evidence_id: str = "form.message", **changes: Any) -> Evidence:
    usual = {
        "id": EvidenceId(evidence_id),
        "kind": EvidenceKind(evidence_id.split(".")[0]) if evidence_id.split(".")[0] in set(EvidenceKind) else EvidenceKind.FORM,
        "label": evidence_id,
        "text": "We plan a logistics summit for 400 guests in May.",
        "source": f"test:{evidence_id}",
    }
    return Evidence(**{**usual, **changes})


def form_facts(entry: FormEntry) -> tuple[Evidence, ...]:
    """What the plan stage would note of the form, one evidence per answered field."""
    return tuple(
        Evidence(
            id=EvidenceId(f"form.{one.name}"),
            kind=EvidenceKind.FORM,
            label=f"Form field “{one.name}”",
            text=one.value,
            source=f"hubspot:forms/{entry.form_id}#{one.name}",
            at=entry.submitted_at,
        )
        for one in entry.fields
        if one.value.strip()
    )


def a_message(**changes: Any) -> Message:
    usual = {
        "id": "m1",
        "thread_id": "t1",
        "direction": Direction.INBOUND,
        "sender": PROSPECT,
        "sender_name": "Ana Silva",
        "recipients": ("maria@northwind.example",),
        "subject": "Summit in May",
        "text": "We liked the venue shortlist. Could you send prices for 400 guests?",
        "sent_at": at(days=-10),
        "message_id": "<m1@brightleaf.example>",
    }
    given = {**usual, **changes}
    plant_text("body of a mail", given["text"])
    plant_text("subject of a mail", given["subject"])
    return Message(**given)


def an_answer(**changes: Any) -> Message:
    """A mail of the operator in the same thread."""
    usual = {
        "id": "m2",
        "direction": Direction.OUTBOUND,
        "sender": "maria@northwind.example",
        "sender_name": "Maria Costa",
        "recipients": (PROSPECT,),
        "text": "Thanks, Ana. I will come back to you with prices.",
        "sent_at": at(days=-9),
        "message_id": "<m2@northwind.example>",
    }
    return a_message(**{**usual, **changes})


def a_thread(*messages: Message, **changes: Any) -> Thread:
    told = messages or (a_message(),)
    return Thread(
        **{"id": told[0].thread_id, "subject": told[0].subject, "messages": told, "mailbox": "maria@northwind.example", **changes}
    )


def a_thread_reading(**changes: Any) -> ThreadReading:
    last = a_message()
    usual = {
        "thread": a_thread(last),
        "summary": "Ana asked for prices for 400 guests.",
        "last_sender": last.sender,
        "last_direction": last.direction,
        "last_message_at": last.sent_at,
        "topics": ("venue shortlist", "prices", "guests"),
        "mood": Mood.POSITIVE,
        "open_questions": ("Could you send prices for 400 guests?",),
        "evidence": (an_evidence("message.m1", text=last.text, label="Mail from Ana Silva, 13 Nov", at=last.sent_at),),
    }
    return ThreadReading(**{**usual, **changes})


def a_recollection(**changes: Any) -> Recollection:
    preview = "Last year we ran a dinner for 80 guests with you and it went well."
    usual = {
        "preview": preview,
        "sender": PROSPECT,
        "at": at(days=-200),
        "relevance": 0.6,
        "thread_id": "t0",
        "evidence": an_evidence("message.m0", text=preview, label="Mail from Ana Silva, 7 May"),
    }
    return Recollection(**{**usual, **changes})


def a_file(**changes: Any) -> FileEntry:
    usual = {
        "id": "file-1",
        "name": "Case study: logistics summit",
        "mime_type": "application/vnd.google-apps.document",
        "folder": "Case Studies",
        "root": "root-1",
        "modified_at": at(days=-30),
        "open_to": ("anyone",),
        "url": "https://docs.google.com/document/d/file-1",
    }
    entry = FileEntry(**{**usual, **changes})
    return entry if entry.fingerprint else entry.model_copy(update={"fingerprint": entry.modified_at.isoformat()})


def an_asset_match(**changes: Any) -> AssetMatch:
    passage = "We registered 450 guests for a logistics summit in two days."
    usual = {
        "file_id": "file-1",
        "name": "Case study: logistics summit",
        "kind": AssetKind.CASE_STUDY,
        "passage": passage,
        "relevance": 0.7,
        "shareable": True,
        "url": "https://docs.google.com/document/d/file-1",
        "evidence": an_evidence("document.file-1.0", text=passage, label="Case study: logistics summit"),
    }
    return AssetMatch(**{**usual, **changes})


def busy(start: datetime, *, minutes: float = 30) -> Busy:
    return Busy(start=start, end=start + timedelta(minutes=minutes))


def a_slot(**changes: Any) -> Slot:
    start = changes.pop("start", datetime(2026, 11, 24, 14, 0, tzinfo=UTC))
    spoken = changes.pop("spoken", "Tuesday 24 November at 15:00 (CET)")
    usual = {
        "start": start,
        "end": start + timedelta(minutes=30),
        "timezone": "Europe/Madrid",
        "spoken": spoken,
        "reason": "free in Maria's calendar, mid-afternoon for both",
        "evidence": an_evidence("slot.1", text=spoken, label="Free in the calendar"),
    }
    return Slot(**{**usual, **changes})


def a_job(**changes: Any) -> Job:
    usual = {
        "kind": JobKind.FOLLOWUP,
        "priority": Priority.URGENT,
        "entry": a_form_entry(),
        "contact_id": "51",
        "reason": "asked for a demo",
    }
    return Job(**{**usual, **changes})


def a_context(**changes: Any) -> Context:
    """A known contact and company, a form asking for a demo; nothing else unless given."""
    job = changes.pop("job", None) or a_job()
    return Context(**{"job": job, "identity": an_identity(), "operator_id": OPERATOR, "facts": form_facts(job.entry), **changes})


def a_full_context(**changes: Any) -> Context:
    """Everything the agents can find: thread, memory, asset, slots."""
    found = {
        "reading": a_thread_reading(),
        "memories": (a_recollection(),),
        "assets": (an_asset_match(),),
        "slots": (
            a_slot(),
            a_slot(
                start=datetime(2026, 11, 25, 10, 0, tzinfo=UTC),
                spoken="Wednesday 25 November at 11:00 (CET)",
                evidence=an_evidence("slot.2", text="Wednesday 25 November at 11:00 (CET)", label="Free in the calendar"),
            ),
        ),
    }
    return a_context(**{**found, **changes})


def a_plan(**changes: Any) -> Plan:
    usual = {
        "action": Action.SEND_FOLLOWUP,
        "urgency": Priority.URGENT,
        "risk": 10,
        "tone": Tone.CONVERSATIONAL,
        "reason": "Ana asked how registration works.",
        "call_to_action": "Which part of registration matters most to you?",
    }
    return Plan(**{**usual, **changes})


def a_run(**changes: Any) -> Run:
    usual = {
        "id": "run_1",
        "workspace_id": WORKSPACE,
        "submission_id": SubmissionId("submission-1"),
        "trace_id": TraceId("trace-1"),
        "opened_by": HintId("hint-1"),
        "operator_id": OPERATOR,
        "recipient": PROSPECT,
        **STAMPED,
    }
    return Run(**{**usual, **changes})


def a_voice(**changes: Any) -> VoiceProfile:
    phrasings = (
        Phrasing(text="Thanks for reaching out", frequency=0.6, fits="opening"),
        Phrasing(text="Happy to walk you through it", frequency=0.4, fits="call"),
        Phrasing(text="Looking forward to hearing from you", frequency=0.5, fits="closing"),
    )
    usual = {
        "id": OPERATOR,
        "workspace_id": WORKSPACE,
        "operator_id": OPERATOR,
        "phrasings": phrasings,
        "never_used": ("synergy", "touch base"),
        "signature": "Maria Costa\nNorthwind Events",
    }
    return VoiceProfile(**{**usual, **changes})


def a_sentence(text: str, *sources: str, kind: SentenceClass | None = None) -> Sentence:
    """Documented when it names sources, inferred otherwise."""
    return Sentence(
        text=text,
        kind=kind or (SentenceClass.DOCUMENTED if sources else SentenceClass.INFERRED),
        sources=tuple(EvidenceId(one) for one in sources),
    )


def a_draft_text(**changes: Any) -> DraftText:
    told = (
        a_sentence("Thanks for reaching out.", kind=SentenceClass.STATE),
        a_sentence("You plan a logistics summit for 400 guests in May.", "form.message"),
    )
    asked = (a_sentence("Which part of registration matters most to you?"),)
    usual = {
        "subject": "Your logistics summit",
        "greeting": "Hi Ana,",
        "paragraphs": (told, asked),
        "sign_off": "Best,",
        "signature": "Maria Costa\nNorthwind Events",
    }
    text = DraftText(**{**usual, **changes})
    plant_text("body of a draft", " ".join(one.text for paragraph in text.paragraphs for one in paragraph))
    return text


def a_sender(**changes: Any) -> Sender:
    usual = {
        "address": "maria.costa@northwind.example",
        "name": "Maria at Northwind",
        "reply_to": "desk@northwind.example",
        "signature": "Maria Costa\nNorthwind Events, Porto",
        "signature_html": "<b>Maria Costa</b><br>Northwind Events, Porto",
    }
    return Sender(**{**usual, **changes})


def an_enclosure(data: bytes = b"%PDF-1.4", **changes: Any) -> Enclosure:
    usual = {"name": "Case study.pdf", "mime_type": "application/pdf", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return Enclosure(**{**usual, **changes})


def a_placement(**changes: Any) -> Placement:
    usual = {
        "gmail_draft_id": "r-1",
        "gmail_message_id": "gm-1",
        "thread_id": "t1",
        "content_hash": "c0ffee",
        "placed_at": at(minutes=1),
        "url": "https://mail.google.com/mail/u/maria@northwind.example/#drafts/gm-1",
    }
    return Placement(**{**usual, **changes})


def a_draft(**changes: Any) -> Draft:
    usual = {
        "id": DraftId("draft-1"),
        "workspace_id": WORKSPACE,
        "run_id": RunId("run_1"),
        "operator_id": OPERATOR,
        "mailbox": "maria@northwind.example",
        "recipient": PROSPECT,
        "recipient_name": "Ana Silva",
        "text": a_draft_text(),
        "evidence": form_facts(a_form_entry()),
        "authorship": Authorship(model="built-in-writer/1", prompt_version="draft_writer/1"),
        **STAMPED,
    }
    return Draft(**{**usual, **changes})


def a_violation(**changes: Any) -> Violation:
    usual = {
        "check": "one_call_to_action",
        "outcome": Outcome.FAIL,
        "severity": Severity.HIGH,
        "reason": "It asks for two things.",
        "suggestion": "Keep one question.",
    }
    return Violation(**{**usual, **changes})


def a_verdict(**changes: Any) -> Verdict:
    usual = {
        "outcome": Outcome.PASS,
        "risk": 0,
        "violations": (),
        "suggestions": (),
        "send_allowed": False,
        "approval_required": True,
        "judged_at": MONDAY,
        "gate_version": "gate/1",
    }
    return Verdict(**{**usual, **changes})


def a_hold(**changes: Any) -> Hold:
    """On Tuesday afternoon unless `start` says otherwise; half an hour."""
    start = changes.pop("start", datetime(2026, 11, 24, 14, 0, tzinfo=UTC))
    usual = {
        "id": "hold_1",
        "workspace_id": WORKSPACE,
        "draft_id": DraftId("draft-1"),
        "run_id": RunId("run_1"),
        "operator_id": OPERATOR,
        "recipient": PROSPECT,
        "recipient_name": "Ana Silva",
        "start": start,
        "end": start + timedelta(minutes=30),
        "spoken": "Tuesday 24 November at 15:00 (CET)",
        "expires_at": start,
        **STAMPED,
    }
    return Hold(**{**usual, **changes})


def a_policy(**rules: Any) -> Policy:
    """The policy in force, with these rules different from the default."""
    return Policy(id=CURRENT, workspace_id=WORKSPACE, version=1 if rules else 0, rules=Rules(**rules))

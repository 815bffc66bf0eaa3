"""Runs an evaluation case of draft_writer: builds its context, writes, judges; shared by unit and contract tests."""

from shared.agents.draft_writer.agent import DraftWriter
from shared.agents.quality_gate.agent import DeterministicGate
from shared.domain.assets import AssetKind
from shared.domain.facts import facts_of
from shared.domain.instruction import as_instructed
from shared.domain.planning import Action, Tone
from tests.builders import (
    MONDAY,
    a_company,
    a_contact,
    a_draft,
    a_form_entry,
    a_full_context,
    a_job,
    a_plan,
    a_policy,
    a_run,
    a_voice,
    a_workspace,
    an_asset_match,
    an_evidence,
    an_identity,
    an_operator,
)

ASKS = {
    (Action.SEND_FOLLOWUP, Tone.FORMAL): "Could you tell me what matters most to you in this?",
    (Action.SEND_FOLLOWUP, Tone.CONVERSATIONAL): "What matters most to you here?",
    (Action.PROPOSE_CALL, Tone.FORMAL): "Would one of these times be convenient for a short call?",
    (Action.PROPOSE_CALL, Tone.CONVERSATIONAL): "Would one of these times work for a short call?",
    (Action.SEND_ASSET, Tone.FORMAL): "Would you like to discuss what this could mean for you?",
    (Action.SEND_ASSET, Tone.CONVERSATIONAL): "Does this match what you have in mind?",
}


def context_of(given):
    """The context of a case; `finds` lists what the other agents found, `document` describes a file of its own."""
    entry = a_form_entry(**{key: given[key] for key in ("email", "fields") if key in given})
    company = a_company(**(given.get("company") or {})) if given.get("company", {}) is not None else None
    identity = an_identity(contact=a_contact(email=entry.email, **given.get("contact", {})), company=company)
    finds = given.get("finds", [])
    found = {name: () for name in ("memories", "assets", "slots") if name not in finds}
    if "reading" not in finds:
        found["reading"] = None
    if "private_asset" in finds:
        found["assets"] = (an_asset_match(shareable=False),)
    if "document" in given:
        found["assets"] = (a_document(**given["document"]),)
    context = a_full_context(job=a_job(entry=entry), identity=identity, **found)
    facts = facts_of(workspace=a_workspace(), operator=an_operator(), entry=entry, identity=identity)
    return context.model_copy(update={"facts": facts})


def a_document(*, name, text, kind="case_study"):
    """A shareable document of this name that says this."""
    return an_asset_match(
        name=name, kind=AssetKind(kind), passage=text[:200], evidence=an_evidence("document.file-1.0", text=text, label=name)
    )


def plan_of(given):
    action, tone = Action(given.get("action", "SEND_FOLLOWUP")), Tone(given.get("tone", "conversational"))
    return a_plan(action=action, tone=tone, call_to_action=ASKS[action, tone])


def written(model, given, *, run="run_1", voice=None, instruction="", attempt=1):
    """(DraftText, Authorship) of a case."""
    writer = DraftWriter(model=model)
    return writer.write(
        workspace=a_workspace(),
        run=a_run(id=run, opened_by="hint-1"),
        context=context_of(given),
        plan=plan_of(given),
        voice=voice or a_voice(),
        instruction=instruction,
        attempt=attempt,
    )


def judged(text, given, *, voice=None, instruction=""):
    """The gate's verdict on it."""
    context = context_of(given)
    draft = a_draft(text=text, evidence=context.evidence, recipient=context.job.entry.email, recipient_name=context.identity.contact.name)
    if context.reading is not None:
        draft = draft.model_copy(update={"thread_id": context.reading.thread.id})
    return DeterministicGate().judge(
        workspace=a_workspace(),
        draft=draft,
        context=context,
        plan=as_instructed(plan_of(given), instruction),
        voice=voice or a_voice(),
        policy=a_policy(),
        suppressed="",
        now=MONDAY,
    )


def unmet(text, expected):
    """What a case expects of the text and does not find."""
    body = f"{text.subject}\n{text.body}"
    found = [
        f"{name} is {getattr(text, name)}"
        for name in ("greeting", "sign_off", "subject")
        if expected.get(name) not in (None, getattr(text, name))
    ]
    found += [f"does not say {one}" for one in expected.get("says", []) if one not in body]
    found += [f"says {one}" for one in expected.get("never", []) if one in body]
    attached = [one.file_id for one in text.attachments]
    return [*found, *([f"attaches {attached}"] if expected.get("attached", attached) != attached else [])]

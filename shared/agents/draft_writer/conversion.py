"""From a model's mail to a draft: what it cites must exist, what it attaches must be shareable; called by the agent."""

from shared.agents.draft_writer.output import WrittenMail, WrittenSentence
from shared.agents.draft_writer.salutation import greeting, sign_off, signature
from shared.domain.draft import Attachment, DraftText, Sentence, SentenceClass
from shared.domain.ids import EvidenceId
from shared.domain.planning import Context, Plan
from shared.domain.voice import VoiceProfile
from shared.domain.workspace import Workspace
from shared.ports.errors import MalformedAnswer


def check_sources(mail: WrittenMail, *, context: Context) -> None:
    """Raises MalformedAnswer, in words the model can act on, for a mail that cannot become a draft."""
    known = {one.id for one in context.evidence}
    sentences = [one for paragraph in mail.paragraphs for one in paragraph.sentences]
    if not any(one.text.strip() for one in sentences):
        raise MalformedAnswer("the mail has no sentences", source="draft_writer")
    for number, one in enumerate(sentences, start=1):
        if one.kind is SentenceClass.DOCUMENTED and not known & set(one.sources):
            raise MalformedAnswer(f"sentence {number} is documented but cites no known evidence id", source="draft_writer")


def draft_text(mail: WrittenMail, *, workspace: Workspace, context: Context, plan: Plan, voice: VoiceProfile) -> DraftText:
    """Unknown source ids are dropped; so are files that are unknown or may not be shared."""
    check_sources(mail, context=context)
    paragraphs = (tuple(_sentence(one, context) for one in paragraph.sentences if one.text.strip()) for paragraph in mail.paragraphs)
    return DraftText(
        subject=_subject(mail.subject, context),
        greeting=greeting(voice=voice, context=context, tone=plan.tone),
        paragraphs=tuple(one for one in paragraphs if one),
        sign_off=sign_off(voice=voice, tone=plan.tone),
        signature=signature(voice=voice, operator=workspace.operator(context.operator_id)),
        attachments=_attachments(mail, context),
    )


def _sentence(written: WrittenSentence, context: Context) -> Sentence:
    known = {one.id for one in context.evidence}
    sources = tuple(EvidenceId(one) for one in dict.fromkeys(written.sources) if one in known)
    return Sentence(text=" ".join(written.text.split()), kind=written.kind, sources=sources)


def _subject(written: str, context: Context) -> str:
    """A reply keeps the subject of its thread, or it would leave the thread."""
    if context.reading is not None and context.reading.thread.subject.strip():
        kept = " ".join(context.reading.thread.subject.split())
        return kept if kept.lower().startswith("re:") else f"Re: {kept}"
    return " ".join(written.split())


def _attachments(mail: WrittenMail, context: Context) -> tuple[Attachment, ...]:
    shareable = {one.file_id: one for one in context.assets if one.shareable and one.url}
    chosen = [shareable[file_id] for file_id in dict.fromkeys(mail.attach) if file_id in shareable]
    return tuple(Attachment(file_id=one.file_id, name=one.name, url=one.url) for one in chosen)

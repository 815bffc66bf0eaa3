"""What the model answers: a mail in sentences, each with its class and sources. The schema is strict: every field is required."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.domain.draft import SentenceClass


class Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WrittenSentence(Written):
    text: str
    kind: Literal[SentenceClass.DOCUMENTED, SentenceClass.STATE, SentenceClass.INFERRED]  # an operator's own words are nobody else's
    sources: tuple[str, ...]  # evidence ids


class WrittenParagraph(Written):
    sentences: tuple[WrittenSentence, ...]


class WrittenMail(Written):
    """Greeting, sign-off and signature are not the model's business."""

    subject: str
    paragraphs: tuple[WrittenParagraph, ...]
    attach: tuple[str, ...]  # file ids

"""How much of a draft is read: a mail may have 200 words, so what lies far beyond is refused unread, and the gate stays fast."""

from shared.agents.quality_gate.words import plain
from shared.domain.draft import Draft, DraftText, Sentence

MOST_WORDS = 400
"""Of all sentences together."""
LONGEST_TEXT = 6_000
"""Characters of all sentences together."""
LONGEST_LINE = 500
"""Characters of the subject, the greeting, the sign-off and the signature, each."""
MOST_SOURCES = 20
"""Of one sentence."""
MOST_ATTACHMENTS = 10


def readable(draft: Draft) -> Draft:
    """The draft itself when it is of a size to be read, else its beginning."""
    text = draft.text
    kept = text.model_copy(
        update={
            "subject": _cut(text.subject, LONGEST_LINE),
            "greeting": _cut(text.greeting, LONGEST_LINE),
            "sign_off": _cut(text.sign_off, LONGEST_LINE),
            "signature": _cut(text.signature, LONGEST_LINE),
            "paragraphs": _beginning(text),
            "attachments": text.attachments[:MOST_ATTACHMENTS],
        }
    )
    return draft if kept == text else draft.model_copy(update={"text": kept})


def _beginning(text: DraftText) -> tuple[tuple[Sentence, ...], ...]:
    room, words = LONGEST_TEXT, MOST_WORDS
    paragraphs: list[tuple[Sentence, ...]] = []
    for paragraph in text.paragraphs:
        kept: list[Sentence] = []
        for sentence in paragraph:
            shown = _first_words(_cut(sentence.text, max(room, 0)), max(words, 0))
            room, words = room - len(plain(shown)) - 1, words - len(shown.split())
            kept.append(sentence.model_copy(update={"text": shown, "sources": sentence.sources[:MOST_SOURCES]}))
            if room <= 0 or words < 0:
                return (*paragraphs, tuple(kept))
        paragraphs.append(tuple(kept))
    return tuple(paragraphs)


def _first_words(text: str, most: int) -> str:
    words = text.split(maxsplit=most)
    return text[: -len(words[most])] if len(words) > most else text


def _cut(text: str, room: int) -> str:
    """As it is, or the beginning of what a reader sees: some characters unfold into many."""
    if len(text) <= room and (text.isascii() or len(plain(text)) <= room):
        return text
    return plain(text[:room])[:room]

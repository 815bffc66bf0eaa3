"""What a person makes of a draft's text: the sentences they left keep their sources, the others become their own words. For edit."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence

from shared.domain.draft import Attachment, DraftText, Sentence, SentenceClass
from shared.domain.prose import flat, sentence_spans

LONGEST_BODY = 20_000
LONGEST_SUBJECT = 500
"""Characters."""
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff\ufffe\uffff]")
"""Nobody types these, and no reader of a mail would see them; two of them turn the direction of what is read."""

_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")


def as_typed(body: str) -> str:
    """A body with plain line ends, no blanks at the ends of lines, and one line break at its end; empty when it says nothing."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    return f"{text}\n" if text.strip() else ""


def percent_changed(before: DraftText, after: DraftText) -> int:
    """How many of the words, of subject and body, are not the same any more: 0-100, and at least 1 when anything is different."""
    old, new = (f"{one.subject} {one.body}".split() for one in (before, after))
    share = 1 - difflib.SequenceMatcher(None, old, new, autojunk=False).ratio()
    return max(1, round(100 * share)) if old != new else 0


def edited(text: DraftText, *, subject: str, body: str) -> DraftText:
    """The text as somebody left it; the very same text when they changed nothing. `body` must say something."""
    typed, told = as_typed(body), flat(subject)
    if (typed, told) == (as_typed(text.body), flat(text.subject)):
        return text
    rest, greeting = _without_start(typed, text.greeting)
    rest, signature = _without_end(rest, text.signature)
    rest, sign_off = _without_end(rest, text.sign_off)
    rest, attachments = _without_links(rest, text.attachments)
    paragraphs = tuple(tuple(_sentences(one, text.sentences)) for one in _PARAGRAPH.split(rest) if one.strip())
    return DraftText(
        subject=told,
        own_subject=text.own_subject or told != flat(text.subject),
        greeting=greeting,
        paragraphs=paragraphs,
        sign_off=sign_off,
        signature=signature,
        attachments=attachments,
        edited=typed,
    )


def enclosing(text: DraftText, files: Sequence[Attachment]) -> DraftText:
    """The text with exactly these documents as files: what was one and is none any more is a link again, above the closing."""
    chosen = {one.file_id: one for one in files}
    others = [one for one in text.attachments if one.file_id not in chosen]
    links = [one.model_copy(update={"file": None}) for one in others]
    changed = text.model_copy(update={"attachments": (*links, *files)})
    if not text.edited or changed.attachments == text.attachments:
        return changed
    rest, signature = _without_end(text.edited, text.signature)
    rest, sign_off = _without_end(rest, text.sign_off)
    rest, _ = _without_links(rest, [one.model_copy(update={"file": None}) for one in text.attachments if one.file_id in chosen])
    closing = "\n".join(part for part in (sign_off, signature) if part)
    blocks = [rest.strip("\n"), *(one.line for one in links if one.line not in rest.split("\n")), closing]
    return changed.model_copy(update={"edited": as_typed("\n\n".join(one for one in blocks if one))})


def _without_start(body: str, part: str) -> tuple[str, str]:
    """The rest and the part, if the body begins with it on lines of its own; else the body and nothing."""
    known = as_typed(part)
    return (body[len(known) :], part) if known and body.startswith(known) else (body, "")


def _without_end(body: str, part: str) -> tuple[str, str]:
    known, typed = as_typed(part), as_typed(body)
    ends = known and (typed == known or typed.endswith(f"\n{known}"))
    return (typed[: -len(known)], part) if ends else (body, "")


def _without_links(body: str, attachments: Sequence[Attachment]) -> tuple[str, tuple[Attachment, ...]]:
    """A linked document stays linked while its line stands there as it was; one that is a file has no line."""
    lines = body.split("\n")
    kept = tuple(one for one in attachments if one.file or one.line in lines)
    shown = {one.line for one in kept}
    return "\n".join("" if line in shown else line for line in lines), kept


def _sentences(paragraph: str, known: Sequence[Sentence]) -> Iterator[Sentence]:
    """Known sentences where they stand word for word, and between them a person's own."""
    by_words = {flat(one.text): one for one in known if one.text.strip()}
    start = 0
    for found in _any_of(by_words).finditer(paragraph) if by_words else ():
        yield from _own(paragraph[start : found.start()])
        yield by_words[flat(found[0])]
        start = found.end()
    yield from _own(paragraph[start:])


def _any_of(texts: Iterable[str]) -> re.Pattern[str]:
    """Any of these, whole, the longest first, however the white space in them is set."""
    patterns = [r"\s+".join(map(re.escape, one.split(" "))) for one in sorted(texts, key=len, reverse=True)]
    return re.compile(rf"(?<!\S)(?:{'|'.join(patterns)})(?!\S)")


def _own(text: str) -> Iterator[Sentence]:
    """Nothing is left out, whatever it is: what the gate does not see it cannot judge."""
    ends = [end for _, end in sentence_spans(text)][:-1]
    for start, end in zip([0, *ends], [*ends, len(text)], strict=True):
        if said := flat(text[start:end]):
            yield Sentence(text=said, kind=SentenceClass.OPERATOR)

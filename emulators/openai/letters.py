"""A mail for prompts that carry JSON data blocks `<data name="…">…</data>` and ask for subject and paragraphs: grounded on those blocks."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

BLOCK = re.compile(r'<data name="(\w+)">\s*(.*?)\s*</data>', re.DOTALL)
UNQUOTABLE = re.compile(
    r"https?:|www\.|@|—|[<>{}\[\]“”\"]|^(?:book|call|send|please)\b|\d{7,}|\b(?:ignore|instructions?|prompt|system|rule)\b", re.IGNORECASE
)

Blocks = Mapping[str, Any]


class Need(NamedTuple):
    """Words of the form, and the evidence that holds them."""

    span: str
    source: str


def blocks_of(prompt: str) -> dict[str, Any]:
    """The readable data blocks by name."""
    found = {}
    for name, text in BLOCK.findall(prompt):
        try:
            found[name] = json.loads(text)
        except ValueError:
            continue
    return found


def compose(prompt: str) -> dict[str, Any] | None:
    """A short mail; None when the prompt has no plan and no evidence to write from."""
    blocks = blocks_of(prompt)
    if not isinstance(blocks.get("plan"), dict) or not isinstance(blocks.get("evidence"), list):
        return None
    need = _need(blocks)
    file, passage = _answer(blocks, need)
    paragraphs = [_opening(blocks, need), _substance(blocks, file, passage), [_sentence(_question(blocks), "inferred")]]
    return {
        "subject": _subject(blocks, need),
        "paragraphs": [{"sentences": one} for one in paragraphs if one],
        "attach": [file["file_id"]] if file else [],
    }


def _subject(blocks: Blocks, need: Need | None) -> str:
    thread = blocks.get("thread") or {}
    if thread.get("subject"):
        return str(thread["subject"])
    company = _text_of(blocks, "form.company") or _text_of(blocks, "crm.company.name")
    about = "Your question" if need and need.span.endswith("?") else "Your message"
    usable = company and not UNQUOTABLE.search(company)
    return f"{about} from {company}" if usable else f"{about} to us"


def _opening(blocks: Blocks, need: Need | None) -> list[dict[str, Any]]:
    phrases = [one["text"] for one in blocks.get("voice", {}).get("phrasings", ()) if one.get("fits") == "opening"]
    thanks = "Good to hear from you again" if blocks.get("thread") else phrases[0] if phrases else "Thank you for getting in touch"
    received = [one["id"] for one in blocks["evidence"] if one["id"] == "state.form_received"]
    sentences = [_sentence(_ended(thanks), "state" if received else "inferred", *received)]
    if need is not None:
        told = f"You asked: “{need.span}”" if need.span.endswith("?") else f"You wrote: “{need.span}”."
        sentences.append(_sentence(told, "documented", need.source))
    return sentences


def _substance(blocks: Blocks, file: Mapping[str, Any] | None, passage: str) -> list[dict[str, Any]]:
    sentences = []
    if file and passage:
        sentences.append(_sentence(f"Our document linked below says: “{passage}”", "documented", file["evidence"]))
    elif file:
        sentences.append(_sentence("I have linked a document below that deals with this.", "state", file["evidence"]))
    slots = blocks.get("slots") or []
    if blocks["plan"].get("action") == "PROPOSE_CALL" and slots:
        times = " or ".join(one["spoken"] for one in slots)
        sentences.append(_sentence(f"I could offer {times}.", "documented", *(one["evidence"] for one in slots)))
    return sentences


def _answer(blocks: Blocks, need: Need | None) -> tuple[Mapping[str, Any] | None, str]:
    """The document to link and its sentence nearest to the question; beside a call only when there is one."""
    action, files = blocks["plan"].get("action"), list(blocks.get("files") or [])[:1]
    if not files or action not in ("SEND_ASSET", "PROPOSE_CALL"):
        return None, ""
    wanted = _matter(" ".join(one["text"] for one in blocks["evidence"] if need and one["id"] == need.source))
    spans = [span for span in _spans(_text_of(blocks, files[0]["evidence"])) if span.endswith(".") and not UNQUOTABLE.search(span)]
    best = max(spans, key=lambda one: len(wanted & _matter(one)), default="")
    passage = best if len(wanted & _matter(best)) > 1 else ""
    return (files[0], passage) if passage or action == "SEND_ASSET" else (None, "")


def _question(blocks: Blocks) -> str:
    """The planner's, unless it points at times that are not there."""
    if blocks["plan"].get("action") == "PROPOSE_CALL" and not blocks.get("slots"):
        return "Which day works for a short call?"
    return str(blocks["plan"].get("call_to_action") or "What would be the most useful next step for you?")


def _need(blocks: Blocks) -> Need | None:
    """The longest plain question of the form's free text, else its longest plain sentence."""
    told = [one for one in blocks["evidence"] if one["id"].startswith("form.") and len(one["text"].split()) >= 4]
    found = [Need(span if span.endswith("?") else span.strip(" .!"), one["id"]) for one in told for span in _spans(one["text"])]
    plain = [one for one in found if 4 <= len(one.span.split()) <= 30 and not UNQUOTABLE.search(one.span)]
    return max(plain, key=lambda one: (one.span.endswith("?"), len(one.span)), default=None)


def _spans(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"(?<=[.!?])\s+|\n+", text)]


def _matter(text: str) -> set[str]:
    """Beginnings of the longer words."""
    return {word[:6] for word in re.findall(r"\w{5,}", text.lower())}


def _text_of(blocks: Blocks, evidence_id: str) -> str:
    return next((str(one["text"]) for one in blocks["evidence"] if one["id"] == evidence_id), "")


def _sentence(text: str, kind: str, *sources: str) -> dict[str, Any]:
    return {"text": text, "kind": kind, "sources": list(sources)}


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."

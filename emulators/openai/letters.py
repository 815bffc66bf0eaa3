"""A mail for prompts that carry JSON data blocks `<data name="…">…</data>` and ask for subject and paragraphs: grounded on those blocks."""

import json
import re
from collections.abc import Mapping
from typing import Any

BLOCK = re.compile(r'<data name="(\w+)">\s*(.*?)\s*</data>', re.DOTALL)
UNQUOTABLE = re.compile(r"https?:|www\.|@|—|[<>{}\[\]]|\d{7,}|\b(?:ignore|instructions?|prompt|system|rule)\b", re.IGNORECASE)

Blocks = Mapping[str, Any]


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
    files = _planned_files(blocks)
    paragraphs = [_opening(blocks), _substance(blocks, files), [_sentence(_question(blocks), "inferred")]]
    return {
        "subject": _subject(blocks),
        "paragraphs": [{"sentences": one} for one in paragraphs if one],
        "attach": [file["file_id"] for file in files],
    }


def _subject(blocks: Blocks) -> str:
    thread = blocks.get("thread") or {}
    if thread.get("subject"):
        return str(thread["subject"])
    company = _text_of(blocks, "form.company") or _text_of(blocks, "crm.company.name")
    usable = company and not UNQUOTABLE.search(company)
    return f"Your request, and a next step for {company}" if usable else "Your request, and a next step"


def _opening(blocks: Blocks) -> list[dict[str, Any]]:
    phrases = [one["text"] for one in blocks.get("voice", {}).get("phrasings", ()) if one.get("fits") == "opening"]
    thanks = phrases[0] if phrases else "Thank you for getting in touch"
    received = [one["id"] for one in blocks["evidence"] if one["id"] == "state.form_received"]
    sentences = [_sentence(_ended(thanks), "state" if received else "inferred", *received)]
    need = _need(blocks)
    if need is not None:
        sentences.append(_sentence(f"You wrote: “{need[1]}”.", "documented", need[0]))
    return sentences


def _substance(blocks: Blocks, files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    sentences = []
    slots = blocks.get("slots") or []
    if blocks["plan"].get("action") == "PROPOSE_CALL" and slots:
        times = " or ".join(one["spoken"] for one in slots)
        sentences.append(_sentence(f"I could offer {times}.", "documented", *(one["evidence"] for one in slots)))
    for file in files:
        sentences.append(_sentence("I have linked a document below that deals with this.", "state", file["evidence"]))
    return sentences


def _planned_files(blocks: Blocks) -> list[dict[str, Any]]:
    return list(blocks.get("files") or [])[:1] if blocks["plan"].get("action") == "SEND_ASSET" else []


def _question(blocks: Blocks) -> str:
    return str(blocks["plan"].get("call_to_action") or "What would be the most useful next step for you?")


def _need(blocks: Blocks) -> tuple[str, str] | None:
    """The longest plain sentence of the form's free text, with the id it comes from."""
    told = [one for one in blocks["evidence"] if one["id"].startswith("form.") and len(one["text"].split()) >= 4]
    spans = [(one["id"], span.strip(" .!?")) for one in told for span in re.split(r"(?<=[.!?])\s+|\n+", one["text"])]
    plain = [(id, span) for id, span in spans if 4 <= len(span.split()) <= 30 and not UNQUOTABLE.search(span)]
    return max(plain, key=lambda one: len(one[1]), default=None)


def _text_of(blocks: Blocks, evidence_id: str) -> str:
    return next((str(one["text"]) for one in blocks["evidence"] if one["id"] == evidence_id), "")


def _sentence(text: str, kind: str, *sources: str) -> dict[str, Any]:
    return {"text": text, "kind": kind, "sources": list(sources)}


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."

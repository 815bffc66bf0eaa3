"""A story, a draft and a verdict in words: what arrived, what was planned and why, every sentence with its source, where it landed."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from infra.cli.client import Found
from infra.cli.landing import Landing
from infra.cli.stories import Story, Visit
from infra.cli.wording import coloured, rows, safe
from shared.domain.footer import Footer
from shared.domain.sender import DELIMITER

LONGEST_QUOTE = 200
SENTENCE_END = re.compile(r"[.!?]\s+")
KINDS = {"documented": "from", "state": "what we did", "inferred": "our own conclusion, from"}
MATCHED = {"contact": "linked in HubSpot", "domain": "found by the mail domain"}
OWN_WORDS = "the words of whoever edited it: they answer for them"
UNSOURCED = "courtesy or our own conclusion: it claims no fact"


def story(told: Story, number: int) -> RenderableType:
    """Everything about one submission."""
    visit, run = told.visit, told.run
    title = Text.assemble((f"{number}. ", "bold"), *_visitor(visit, run), safe(f" filled in “{visit.form}”"))
    parts: list[tuple[str, RenderableType | str]] = [("Wrote", f"“{visit.fields['message']}”")] if visit.fields.get("message") else []
    parts += [("Arrived" if index == 0 else "", one.told) for index, one in enumerate(told.arrivals)] or [
        ("Arrived", "no webhook told of it")
    ]
    if run is not None:
        parts += [("Known as", _person(run)), ("Thread", _thread(run)), *plan_rows(run)]
    if told.draft is not None:
        parts += [
            ("Draft", _envelope(told.draft)),
            ("", letter(told.draft)),
            ("Gate", verdict(told.draft.get("verdict"))),
            ("Law", law(told.draft)),
        ]
    return Group(title, rows(*parts, *landing_rows(told.landing)), Text())


def plan_rows(run: Found) -> list[tuple[str, RenderableType | str]]:
    plan = run.get("plan")
    if plan is None:
        return [("Plan", "none yet")]
    return [
        ("Plan", f"{plan['action']}, {plan['urgency'].lower()}, {plan['tone']} tone, risk {plan['risk']}/100"),
        ("Because", plan["reason"]),
    ]


def letter(draft: Found) -> RenderableType:
    """The mail as it reads, every sentence followed by what it rests on."""
    return Group(*_lines(draft))


def verdict(given: Mapping[str, Any] | None) -> RenderableType:
    if given is None:
        return safe("not judged yet")
    head = Text.assemble(
        coloured(given["outcome"]), f", risk {given['risk']}/100", "" if given["violations"] else ": nothing found against it"
    )
    return Group(head, *(_violation(one) for one in given["violations"]))


def landing_rows(landing: Landing) -> list[tuple[str, RenderableType | str]]:
    found = [("Gmail", landing.gmail, _in_gmail), ("HubSpot", landing.note, _in_notes), ("", landing.task, _in_tasks)]
    shown: list[tuple[str, RenderableType | str]] = [(label, _done(told(row))) for label, row, told in found if row is not None]
    return shown + [("Missing", safe(complaint, "red")) for complaint in landing.missing]


def shorten(text: str, longest: int = LONGEST_QUOTE) -> str:
    """One line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def span(text: str, *, about: str) -> str:
    """The part of a long text that a sentence leans on: from the beginning of the sentence they have most in common with."""
    line = " ".join(text.split())
    if len(line) <= LONGEST_QUOTE:
        return line
    shared = SequenceMatcher(None, line, about, autojunk=False).find_longest_match()
    start = max((end.end() for end in SENTENCE_END.finditer(line, 0, shared.a + 1)), default=0)
    return ("…" if start else "") + shorten(line[start:])


def moment(iso: str) -> str:
    return f"{datetime.fromisoformat(iso):%a %d %b %Y %H:%M} UTC"


def _visitor(visit: Visit, run: Found | None) -> Iterator[Text]:
    """By the name they gave, else by the one HubSpot knows; the address once."""
    contact = ((run or {}).get("context") or {}).get("identity", {}).get("contact", {})
    known = f"{contact.get('first_name', '')} {contact.get('last_name', '')}".strip()
    name = visit.name if visit.name != visit.email else known
    yield safe(name or visit.email, "bold")
    if name:
        yield safe(f" <{visit.email}>")


def _person(run: Found) -> str:
    identity = (run.get("context") or {}).get("identity")
    if identity is None:
        return "not looked up yet"
    contact, company = identity["contact"], identity.get("company")
    name = f"{contact['first_name']} {contact['last_name']}".strip() or contact["email"]
    firm = f" at {company['name']} ({MATCHED.get(identity['company_matched_by'], 'in HubSpot')})" if company else ""
    job = f", {contact['job_title']}" if contact["job_title"] else ""
    return f"{name}{job}{firm or ', no company known'}; HubSpot contact {contact['id']}"


def _thread(run: Found) -> str:
    if run.get("context") is None:
        return "not looked up yet"
    reading = run["context"]["reading"]
    if not reading:
        return "nobody has written before: a new thread"
    return f"“{reading['thread']['subject']}”: {shorten(reading['summary'], 300)}"


def _envelope(draft: Found) -> str:
    author = draft["authorship"]
    fallback = f", after {author['fallback_reason']}" if author["fell_back"] else ""
    return f"“{draft['text']['subject']}” to {draft['recipient']}, written by {author['model']}{fallback}"


def _lines(draft: Found) -> Iterator[RenderableType]:
    text, known = draft["text"], {one["id"]: one for one in draft["evidence"]}
    yield from [safe(text["greeting"])] if text["greeting"] else []
    for paragraph in text["paragraphs"]:
        yield Text()
        for sentence in paragraph:
            yield safe(sentence["text"])
            yield from (rows(("└", safe(line, "dim")), indent=1) for line in _sources(sentence, known))
    for one in text["attachments"]:
        yield from (Text(), safe(_document(one)))
    yield Text()
    yield safe("\n".join(part for part in (text["sign_off"], text["signature"]) if part))
    yield from _below(draft)


def _document(one: Found) -> str:
    """A link as it stands in the mail, or the file that goes along."""
    file = one["file"]
    return f"Attached: {file['name']} ({round(file['size'] / 1000) or 1} kB)" if file else f"{one['name']}: {one['url']}"


def _below(draft: Found) -> Iterator[RenderableType]:
    """What stands below the text and is no words of it: the sender's signature, and the footer."""
    signature = draft["sender"]["signature"]
    footer = Footer.model_validate(draft["footer"]).text if draft["footer"] else ""
    yield from [safe(f"{DELIMITER}\n{signature}")] if signature else []
    yield from [Text(), safe(footer, "dim")] if footer else []


def law(draft: Found) -> RenderableType:
    """Why it may be sent, or why not."""
    found = draft["law"]
    if found is None:
        return safe("nothing is known any more of whom it was written for")
    return safe(found["told"], "" if found["lawful"] else "red")


def _sources(sentence: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    kind = KINDS.get(sentence["kind"], sentence["kind"])
    if not sentence["sources"]:
        yield OWN_WORDS if sentence["kind"] == "operator" else UNSOURCED
    for source in sentence["sources"]:
        evidence = known.get(source)
        yield (
            f"{kind}: {evidence['label']}: “{span(evidence['text'], about=sentence['text'])}”"
            if evidence
            else f"{kind}: {source}, which nobody knows"
        )


def _violation(one: Mapping[str, Any]) -> Text:
    quote = f" “{shorten(one['quote'], 80)}”" if one["quote"] else ""
    advice = f" {one['suggestion']}" if one["suggestion"] else ""
    return Text.assemble(coloured(one["outcome"]), safe(f" {one['check']}: {one['reason']}{quote}{advice}"))


def _done(text: str) -> Text:
    return Text.assemble(("✓ ", "green"), safe(text))


def _in_gmail(row: Mapping[str, Any]) -> str:
    earlier = row["earlier_messages"]
    where = f"in the thread with {earlier} earlier message{'s' if earlier != 1 else ''}" if earlier else "in a new thread"
    return f"one draft, {row['draft_id']}, {where} ({row['thread_id']}), word for word as judged"


def _in_notes(row: Mapping[str, Any]) -> str:
    return f"one note, {row['id']}, at the contact"


def _in_tasks(row: Mapping[str, Any]) -> str:
    due = f", due {moment(row['hs_timestamp'])}" if row.get("hs_timestamp") else ""
    return f"one task, {row['id']}: “{row.get('hs_task_subject', '')}”{due}"

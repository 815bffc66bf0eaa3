"""Texts of 64 KB made to keep a pattern or a scan busy."""

from shared.domain.draft import Draft
from shared.domain.planning import Context
from tests import builders as b
from tests.unit.agents.quality_gate.judging import a_world

SIZE = 64 * 1024


def filled(unit: str) -> str:
    return (unit * (SIZE // len(unit) + 1))[:SIZE]


HOSTILE = {
    "one endless word": filled("a"),
    "one endless number": filled("1"),
    "capitals": filled("A"),
    "digits and spaces": filled("4 "),
    "digits and dots": filled("1."),
    "digits and dashes": filled("12-"),
    "thousands": filled("123,"),
    "cards that almost are": filled("4242 4242 4242 4241 "),
    "accounts that almost are": filled("DE88370400440532013000 "),
    "keys that almost are": filled("sk-abc "),
    "addresses without an end": filled("a.a-a+"),
    "at signs": filled("@"),
    "addresses": filled("a@b.example "),
    "hosts": filled("a."),
    "schemes": filled("http://"),
    "links": filled("https://evil.example/a "),
    "open braces": filled("{"),
    "open double braces": filled("{{ "),
    "open brackets": filled("[A"),
    "open angles": filled("<a "),
    "per cents": filled("%("),
    "dashes": filled("- "),
    "quotation marks": filled("“"),
    "questions": filled("Why? "),
    "requests": filled("Could you send it and would you call me? "),
    "names": " ".join(f"Zoq{number}x Zor".replace(str(number), chr(97 + number % 26) * (number % 7 + 1)) for number in range(5000)),
    "many different names": " ".join(f"Zoq{''.join(chr(97 + int(digit)) for digit in str(number))}" for number in range(7000))[:SIZE],
    "many different moments": " ".join(f"{number % 28 + 1} May {number:04}" for number in range(1900, 6000))[:SIZE],
    "weekdays": filled("Tue 24 November at 15:00 "),
    "passwords": filled("password: "),
    "conditions": filled("your "),
    "orders": filled("ignore "),
    "line breaks": filled("a\n"),
    "invisible characters": filled("\u200b"),
    "ligatures": filled("\ufdfa")[: SIZE // 18],  # one character becomes eighteen
}


def a_hostile_draft(text: str) -> Draft:
    """Subject, greeting and a documented sentence, all of them hostile."""
    told = (b.a_sentence(text, "form.message", "message.m1"), b.a_sentence("Which part matters most to you?"))
    return b.a_draft(thread_id="t1", text=b.a_draft_text(subject=text[:2000], paragraphs=(told,)))


def a_hostile_world(text: str) -> Context:
    """What the sentence cites is as long as the sentence."""
    thread = b.a_thread(b.a_message(text=text))
    return a_world(reading=b.a_thread_reading(thread=thread, evidence=(b.an_evidence("message.m1", text=text),)))

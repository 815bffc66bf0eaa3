"""Puts a request of the reader into reported speech: "You asked how promotions are handled." Called by the built-in writer.

Only their words are used, with I and you exchanged; whatever does not fit a plain pattern is left to be quoted.
"""

import re
from collections.abc import Iterator

MOST = 24
"""Words; what is longer is quoted."""

_WE = r"(?:i|we)"
_LIKE = rf"{_WE}(?:['\u2019]d| would) (?:like|love)"
_FILLER = re.compile(r"^(?:(?:hi|hello|hey|also|and|so|then|thanks|thank you|please)\b[,!.:]? *)+", re.IGNORECASE)
_EMBEDDED = re.compile(
    r"\b(?:show(?:s|ing)?|see|know|tell|explain|understand|hear|learn|describe|wonder(?:ing)?)(?: (?:me|us))?(?: about)?"
    r" (?P<clause>(?:how|what|which|when|where|why|whether|if) \w.+)",
    re.IGNORECASE,
)
_DIRECT = re.compile(
    r"^(?P<what>how(?: (?:long|much|many|often|soon))?(?: \w+)?|when|where|why|what(?: \w+)?|which \w+)"
    rf" (?P<verb>do|can|could|would|will|should) (?P<who>you|{_WE}) (?P<rest>\w.+)",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(rf"^(?P<verb>do|can|would|will|should) (?P<who>you|{_WE}) (?P<rest>\w.+)", re.IGNORECASE)
_FETCH = re.compile(
    r"^(?:(?:can|could|would|will) you (?:please )?)?(?:send|share|give)(?: (?:me|us))? (?!it\b|that\b|them\b|this\b|to\b)(?P<what>\w.+)",
    re.IGNORECASE,
)
_SEE = re.compile(
    rf"^(?:(?:can|could|may) {_WE}|{_LIKE} to) (?:please )?(?:see|have|get|read|receive|try) (?!it\b|that\b|if\b|how\b|what\b|whether\b)"
    r"(?P<what>\w.+)",
    re.IGNORECASE,
)
_HAVE = re.compile(rf"^{_LIKE} (?!to\b|you\b|it\b|that\b)(?P<what>\w.+)", re.IGNORECASE)
_MEET = re.compile(rf"^(?:(?:can|could|may) {_WE}|{_LIKE} to) (?P<what>(?:meet|talk|speak|discuss|visit|book|schedule)\b.*)", re.IGNORECASE)

_ASKED_ALSO = re.compile(rf"(?P<joint>,? (?:and|or)) (?P<verb>do|can|could|would|will) (?P<who>you|{_WE}) ", re.IGNORECASE)
_STILL_INVERTED = re.compile(
    rf"\b(?:and|or|but),? (?:is|are|does|did|has|have|how|what|when|where|why)\b|\b(?:do|does|did) (?:you|they|{_WE})\b|[?;\u2026]|\.\s",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b(?:I|we|me|us|my|our|you|your)\b")
_BEYOND_US = re.compile(r"\b(?:I|[Ww]e|[Yy]ou)['\u2019]\w+|\b(?:mine|ours|yours|\w+sel(?:f|ves)|am|We|Me|My|Our|You|Your)\b")
_OTHERS = {"I": "you", "we": "you", "me": "you", "us": "you", "my": "your", "our": "your", "your": "our"}
_AFTER_WHICH_US = re.compile(r"\b(?:with|from|to|for|by|of|on|about|at|between|than|as|near)$", re.IGNORECASE)
_AFTER_WHICH_WE = re.compile(r"\b(?:how|what|which|when|where|why|whether|that|if|\w+,? (?:and|or)|(?:which|what|how) \w+)$", re.IGNORECASE)
_ENDS_WITH_YOU = re.compile(r"^(?: (?:can|could|would|will|should|may|might|also|already|usually|have|are|need|offer|do)\b)")


def reported(request: str) -> str:
    """What stands after "You asked": "how it works", "whether …", "for prices", "to meet". Empty when only quoting is safe."""
    said = _FILLER.sub("", " ".join(request.split())).rstrip("?!. ")
    for told in _readings(said):
        turned = _turned(told)
        if turned and len(turned.split()) <= MOST and not _STILL_INVERTED.search(turned):
            return turned
    return ""


def _readings(said: str) -> Iterator[str]:
    """The patterns that fit, most telling first, still in the words of the reader."""
    if found := _EMBEDDED.search(said):
        yield re.sub(r"^if\b", "whether", found["clause"][:1].lower() + found["clause"][1:], flags=re.IGNORECASE)
    if found := _DIRECT.match(said):
        yield f"{found['what'].lower()} {_subject(found)}{found['rest']}"
    if found := _FETCH.match(said) or _SEE.match(said) or _HAVE.match(said):
        yield f"for {found['what']}"
    if found := _MEET.match(said):
        yield f"to {found['what']}"
    if found := _YES_OR_NO.match(said):
        yield f"whether {_subject(found)}{found['rest']}"


def _subject(found: re.Match[str]) -> str:
    """ "do you" is "you", "can you" is "you can"."""
    who = "I" if found["who"].lower() == "i" else found["who"].lower()
    return f"{who} " if found["verb"].lower() == "do" else f"{who} {found['verb'].lower()} "


def _turned(told: str) -> str:
    """Seen from our side; empty when a pronoun leaves that open."""
    plain = _ASKED_ALSO.sub(lambda found: f"{found['joint']} whether {_subject(found)}", told)
    if _BEYOND_US.search(plain):
        return ""
    turned = [_exchanged(found, plain) for found in _PERSON.finditer(plain)]
    if not all(turned):
        return ""
    pieces, words = _PERSON.split(plain), [*turned, ""]
    return "".join(piece + word for piece, word in zip(pieces, words, strict=True))


def _exchanged(found: re.Match[str], text: str) -> str:
    if found[0] != "you":
        return _OTHERS[found[0]]
    before, after = text[: found.start()].rstrip(), text[found.end() :]
    if _AFTER_WHICH_US.search(before):
        return "us"
    return "we" if _AFTER_WHICH_WE.search(before) or _ENDS_WITH_YOU.match(after) else ""

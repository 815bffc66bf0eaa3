"""What nobody may hear of: every secret and every body that tests make, by its words. Tests plant, tests.eavesdropping listens."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote_plus

WORDS = re.compile(r"[^\W_]+")
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{20,}={0,2}")
IN_A_ROW = 5
"""So many words in a row give a text away; of something shorter it takes all."""
SHORTEST, UNMISTAKABLE = 10, 20
"""Characters. What is shorter is found everywhere; a word as long as the other is found by itself."""
PARTS = re.compile("token|secret|key|password")
"""Of a credential that is a JSON object: these are planted, and a client's id is not."""

_told_by: dict[str, str] = {}
_beginnings: dict[str, set[int]] = {}
"""By the first word of a run, how many words it may have: most words begin none."""
_planted: set[str] = set()
_texts: set[str] = set()


def planted(name: str) -> str:
    """A secret for a test: the same one for the same name, and recognised wherever it shows."""
    return plant(name, f"planted-{name.replace(' ', '-')}-{hashlib.sha256(name.encode()).hexdigest()[:24]}")


def plant(name: str, value: str) -> str:
    """A secret that something else has made. Answers the value."""
    if value not in _planted:
        _planted.add(value)
        for part in _parts(value):
            words = _words(part)
            if len("".join(words)) >= SHORTEST:
                _remember(name, words)
            for long in [word for word in words if len(word) >= UNMISTAKABLE]:
                _remember(name, [long])
    return value


def plant_text(name: str, text: str) -> str:
    """What a person wrote: a body, a subject, a signature, a message in a form. Answers the text. A few words give nobody away."""
    if text not in _planted:
        _planted.add(text)
        words = _words(text)
        if len(words) >= IN_A_ROW:
            _texts.add(name)
            _remember(name, words)
    return text


def secrets_in(text: str) -> frozenset[str]:
    """Without what people wrote: for places where an operator may read that."""
    return told_in(text) - _texts


def told_in(text: str) -> frozenset[str]:
    """The names of what was planted and can be read here: as it is, escaped for a URL, or in base64."""
    return _told_in(text, len(_told_by))


@lru_cache(maxsize=4096)
def _told_in(text: str, _known: int) -> frozenset[str]:
    """Most of what is said has been said before, and `_known` grows with every new thing to look for."""
    readings = [text, *([unquote_plus(text)] if "%" in text or "+" in text else []), *_decoded(text)]
    return frozenset(_told_by[run] for one in readings for run in _runs(_words(one)) if run in _told_by)


def _remember(name: str, words: list[str]) -> None:
    length = min(len(words), IN_A_ROW)
    for start in range(len(words) - length + 1):
        _beginnings.setdefault(words[start], set()).add(length)
        _told_by.setdefault(" ".join(words[start : start + length]), name)


def _runs(words: list[str]) -> Iterator[str]:
    for start, word in enumerate(words):
        for length in tuple(_beginnings.get(word, ())):
            yield " ".join(words[start : start + length])


def _words(text: str) -> list[str]:
    return WORDS.findall(text.lower())


def _parts(value: str) -> list[str]:
    try:
        members = json.loads(value) if value.startswith("{") else None
    except ValueError:
        members = None
    return [str(part) for name, part in members.items() if PARTS.search(name)] if isinstance(members, dict) else [value]


def _decoded(text: str) -> Iterator[str]:
    for found in BASE64.findall(text):
        plain = found.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield base64.b64decode(plain + "=" * (-len(plain) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue

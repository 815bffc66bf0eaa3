"""Check for variables nobody filled in."""

import re
from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail
from shared.agents.quality_gate.material import Material
from shared.domain.verdict import Violation

# Bounded repeats between literal brackets: a lone bracket costs at most 60 steps.
_VARIABLES = re.compile(
    r"\{\{[^{}\n]{0,60}\}\}|\{%[^{}\n]{0,60}%\}|\$?\{[\w .-]{0,60}\}|\{\{|\}\}"
    r"|\[(?:[A-Z][\w' /-]{0,60}|[a-z_]{1,30} (?:name|here|date|time|link)|(?:insert|your|first|last|company|object)[\w' /-]{0,60})\]"
    r"|\[(?:[a-z]{1,40}_[a-z_]{1,40}|name|date|link)\]|<[a-zA-Z_][\w -]{0,40}>"
    r"|%\([a-z_]{1,40}\)s|%[sd](?!\w)|%[A-Z_]{2,40}%|\*\|[A-Z_:]{1,40}\|\*|__[A-Z][A-Z_]{1,40}__|\$[A-Z_]{3,40}(?!\w)"
)
_LEFTOVERS = re.compile(
    r"(?<![\w-])(?:undefined|NaN|null(?! and void)|NULL|[Ll]orem ipsum|X{3,20}|x{4,20}|TBD|TODO|FIXME|INSERT [A-Z]{2,20})(?![\w-])"
)
_NONE = re.compile(r"(?<![\w-])None(?![\w-])(?! of\b)")
_NAMELESS = re.compile(r"(?i)^(?:hi|hello|hey|dear|good morning|good afternoon)? ?[,!]")


def unfilled_variable(material: Material) -> Iterator[Violation]:
    """Braces, brackets, printf marks, "None", "null", filler text, and a greeting without a name where one belongs."""
    text = material.written
    found = [*_VARIABLES.finditer(text), *_LEFTOVERS.finditer(text), *_NONE.finditer(text)]
    quotes = [one[0] for one in found if not (one[0] == "None" and _opens_a_sentence(text, one.start()))]
    nameless = _NAMELESS.match(material.draft.text.greeting.strip())
    for quote in dict.fromkeys([*quotes, *([nameless[0]] if nameless else [])]):
        yield fail(
            "unfilled_variable",
            reason=f"“{quote}” was never filled in.",
            suggestion="Fill in the real words, or rewrite the sentence without them.",
            quote=quote,
        )


def _opens_a_sentence(text: str, start: int) -> bool:
    """ "None suits you?" is English; "Hi None" is not."""
    before = text[max(0, start - 3) : start].rstrip(" \"'(")
    return start == 0 or before.endswith((".", "!", "?", "\n"))

"""Check that nobody else's instructions made it into the text (INV-9)."""

from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail
from shared.agents.quality_gate.material import Material
from shared.agents.quality_gate.words import phrases
from shared.domain.verdict import Violation

_VERBS = frozenset("ignore disregard forget override bypass follow obey".split())
_ORDERS = frozenset("instructions instruction prompt prompts guidelines above rules".split())
_WITHIN = 5
_PHRASES = phrases(
    "system prompt | system message | developer message | as an ai | as a language model | large language model | you are now | "
    "new instructions | my instructions | hidden instructions | jailbreak | do anything now | prompt injection | tool call | "
    "evidence block | data block | as instructed by the document | i was instructed to | i have been instructed to | "
    "the prompt says | output the following | respond only with"
)
_MARKS = (*"<| |> [inst] [/inst] <<sys>> ``` </system <system <data </data".split(), "### instruction", "### system", "begin system")


def injected_instruction(material: Material) -> Iterator[Violation]:
    """Text that echoes instructions to a machine: someone's words were taken as orders, or the prompt leaked."""
    lowered = material.written.lower()
    found = [phrase.strip() for phrase in _PHRASES if phrase in material.joined] + [mark for mark in _MARKS if mark in lowered]
    for quote in [*found, *_orders(material.joined.split())][:1]:
        yield fail(
            "injected_instruction",
            reason="The mail repeats instructions meant for a machine; somebody may have hidden them in a message or document.",
            suggestion="Discard this draft, look at the sources it cites, and write it yourself.",
            quote=quote,
        )


def _orders(words: list[str]) -> Iterator[str]:
    """ "Ignore all of the previous instructions", whatever stands between."""
    for index, word in enumerate(words):
        following = words[index : index + 1 + _WITHIN]
        if word in _VERBS and not _ORDERS.isdisjoint(following):
            yield " ".join(following)

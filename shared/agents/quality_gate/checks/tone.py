"""Check that the tone is the planned one."""

import re
from collections.abc import Iterator

from shared.agents.quality_gate.findings import warn
from shared.agents.quality_gate.material import Material
from shared.agents.quality_gate.words import joined, phrases, words_of
from shared.domain.verdict import Violation

_CASUAL = phrases(
    "hey | awesome | cool | no worries | cheers | gonna | wanna | gotta | yeah | yep | nope | super | folks | guys | btw | lol | fyi | "
    "stuff | kinda | sup | ping me | shoot me | thx | no biggie | tons of | crazy"
)
_STIFF = phrases(
    "dear sir | dear madam | to whom it may concern | herewith | hereby | pursuant | aforementioned | kindly | yours faithfully | "
    "i remain | at your earliest convenience | please do not hesitate | we would be delighted | it would be our pleasure | esteemed | "
    "henceforth | i am writing to | please be advised | should you require | we hereby"
)
_EMOJI = re.compile(r"[\U0001F300-\U0001FAFF\u2600-\u27BF]|(?<!\S)[:;]-?[)DP](?!\S)|!!")


def tone(material: Material) -> Iterator[Violation]:
    """Slang and emoji in a formal mail, stiff phrases in a conversational one, unless the operator writes that way."""
    phrases, wanted, found_tone = (_CASUAL, "formal", "casual") if material.formal else (_STIFF, "conversational", "stiff")
    own = _own_words(material)
    found = [phrase.strip() for phrase in phrases if phrase in material.joined and phrase not in own]
    emoji = _EMOJI.search(material.written) if material.formal else None
    for quote in [*found, *([emoji[0]] if emoji else [])][:3]:
        yield warn(
            "tone",
            reason=f"The plan asks for a {wanted} tone; “{quote}” sounds {found_tone}.",
            suggestion=f"Put “{quote}” in plainer words.",
            quote=quote,
        )


def _own_words(material: Material) -> str:
    voice = material.voice
    habits = (voice.greeting_formal, voice.greeting_conversational, voice.sign_off_formal, voice.sign_off_conversational)
    return joined(words_of("\n".join([*habits, *(one.text for one in voice.phrasings)])))

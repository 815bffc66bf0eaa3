"""What of a policy the law of the recipients asks for: footers, lawful bases, disclosure. Part of `policy.Rules`."""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, field_validator

from shared.domain.entity import Value
from shared.domain.sends import Touch

UNASKED = (Touch.OUTREACH, Touch.FOLLOW_UP)
"""Mails nobody has asked for: every law that knows unsolicited mail means these."""


OTHERWISE_CALLED = {"UK": "GB", "EL": "GR"}
"""Codes that lawyers and offices use for countries whose own is another one."""


def _as_iso(code: object) -> object:
    if code == "EU":
        raise ValueError("EU is no country: name its members, one by one")
    return OTHERWISE_CALLED.get(code, code) if isinstance(code, str) else code


Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), BeforeValidator(_as_iso)]
"""ISO 3166-1 alpha-2."""
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=r"^[^\x00-\x1f\x7f\x85\u2028\u2029]*$")]
"""Of a footer, or a reference."""


class Disclosure(StrEnum):
    """When a mail says that software had a part in writing it."""

    NEVER = "never"
    UNSEEN = "unseen"  # when it may leave without a person: while auto_approval.stance is act
    ALWAYS = "always"


class Compliance(Value):
    """Policies may ask for more than the law of a recipient does, never for less."""

    touches: tuple[Touch, ...] = UNASKED  # mails that carry the footer
    consent_only: tuple[Country, ...] = ("DE", "AT", "CA")
    """Where only consent or an inquiry of theirs counts, whatever else the law lets pass."""
    inquiry_days: int = Field(default=180, ge=0, le=180)  # that an inquiry counts for; six months is Canada's limit
    assessment: Line = ""  # reference of the written legitimate-interest assessment; empty: only a contact's own record can claim one
    source: Line = "Your address is kept in our customer records; ask us, and we tell you where it is from, or delete it."
    watching_consented: bool = False  # the consent this workspace asks people for names opens and followed links
    disclosure: Disclosure = Disclosure.UNSEEN
    disclosure_sentence: Annotated[Line, StringConstraints(min_length=1)] = "This mail was written with the help of AI."

    @field_validator("touches")
    @classmethod
    def _as_the_law_asks(cls, touches: tuple[Touch, ...]) -> tuple[Touch, ...]:
        missing = [one for one in UNASKED if one not in touches]
        if missing:
            raise ValueError(
                f"should hold {' and '.join(missing)}: nobody has asked for these, so they say who writes and how to make it stop"
            )
        return touches

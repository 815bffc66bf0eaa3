"""What of a policy the law of the recipients asks for: which mails carry a footer. Part of `policy.Rules`."""

from pydantic import field_validator

from shared.domain.entity import Value
from shared.domain.sends import Touch

UNASKED = (Touch.OUTREACH, Touch.FOLLOW_UP)
"""Mails nobody has asked for: every law that knows unsolicited mail means these."""


class Compliance(Value):
    """Policies may ask for more than the law of a recipient does, never for less."""

    touches: tuple[Touch, ...] = UNASKED  # mails that carry the footer

    @field_validator("touches")
    @classmethod
    def _as_the_law_asks(cls, touches: tuple[Touch, ...]) -> tuple[Touch, ...]:
        missing = [one for one in UNASKED if one not in touches]
        if missing:
            raise ValueError(
                f"should hold {' and '.join(missing)}: nobody has asked for these, so they say who writes and how to make it stop"
            )
        return touches

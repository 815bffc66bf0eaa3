"""What a carrier tells of a mail after it has taken it, in our own words. For sends, and the stage that hears it."""

from datetime import datetime
from enum import StrEnum

from shared.domain.entity import Value


class Word(StrEnum):
    PROCESSED = "processed"  # the carrier has it and will try
    DEFERRED = "deferred"  # the recipient's server wants it later
    DELIVERED = "delivered"  # the recipient's server has it
    BOUNCED = "bounced"  # that server will never take it
    BLOCKED = "blocked"  # that server did not take it this time
    DROPPED = "dropped"  # the carrier has not even tried
    COMPLAINED = "complained"  # the recipient calls it spam
    UNSUBSCRIBED = "unsubscribed"


TAKEN = frozenset({Word.PROCESSED, Word.DEFERRED, Word.DELIVERED, Word.BOUNCED, Word.BLOCKED})
"""Each proves that the carrier has taken the mail."""
FINAL = frozenset({Word.DELIVERED, Word.BOUNCED, Word.BLOCKED})
"""After these nothing more is tried."""


class Told(Value):
    """One thing a carrier has told of a send. `about` is whom, when it is not the recipient but somebody in copy."""

    id: str  # the carrier's own, by which it is known again
    word: Word
    at: datetime
    reason: str = ""
    about: str = ""


class CarrierEvent(Value):
    """As it came. `send_id` is empty for a mail that is none of ours."""

    id: str
    word: Word
    at: datetime
    address: str  # lower case
    send_id: str = ""
    receipt: str = ""
    reason: str = ""  # of a bounce, a block or a drop

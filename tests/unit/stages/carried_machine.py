"""The same walk over a carrier that tells later: events come late, twice, out of order or never. Walked at random by tests.

A mail that the carrier has taken and then drops has not left, whatever was told of it before.
"""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from shared.domain.carrying import CarrierEvent, Word
from shared.domain.sends import Send, SendState
from shared.domain.stamping import SEND_HEADER
from shared.domain.ways import Way
from tests.builders import an_operator
from tests.fakes.mailbox import Left
from tests.unit.stages.send_machine import NUMBERS, ways
from tests.unit.stages.unfenced_machine import UnfencedSends

FATES = (Word.DELIVERED, Word.BLOCKED, Word.DROPPED)


class CarriedSends(UnfencedSends):
    maria = an_operator(way=Way.SENDGRID)
    rounds_to_the_end = 40  # a carrier that tells nothing is waited for three days

    def __init__(self) -> None:
        super().__init__()
        self.fates: dict[str, Word] = {}
        self.unheard: dict[str, CarrierEvent] = {}
        self.taken: list[str] = []

    @rule(number=NUMBERS, fate=st.sampled_from(FATES), only_processed=st.booleans(), way=ways)
    def the_carrier_tells(self, number: int, fate: Word, only_processed: bool, way: Any) -> None:
        """Of a mail it has taken, what is true of it; as often as it likes."""
        sends = [one for one in self.at.sends(number) if one.id in self._taken()]
        if not sends:
            return
        entry = sends[-1]
        word = self.fates.setdefault(entry.id, fate) if not only_processed else Word.PROCESSED
        if word is Word.DROPPED:
            self._never_left(entry)
        event = CarrierEvent(
            id=f"{entry.id}-{word}", word=word, at=self.at.clock.now(), address=entry.recipient, send_id=entry.id, receipt="X1"
        )
        self.unheard[event.id] = event
        if self._attempt(lambda: self.at.tell(event), way):
            del self.unheard[event.id]

    def _come_to_an_end(self) -> None:
        """Whoever does not answer a carrier is told again, for a day."""
        self.trouble.begin(None)
        self.at.outbox.dead = False
        self._pass(timedelta(minutes=10))  # until nobody holds a send any more
        for event in list(self.unheard.values()):
            self._attempt(lambda event=event: self.at.tell(event), None)
        super()._come_to_an_end()

    def _taken(self) -> list[str]:
        known = [one.id for one in self.at.store.everything(Send)]
        heads = [one.raw.split(b"\r\n\r\n")[0].decode() for one in self._counted()]
        self.taken += [id for id in known if id not in self.taken and any(f"{SEND_HEADER}: {id}\r\n" in head for head in heads)]
        return self.taken

    def _never_left(self, entry: Send) -> None:
        self.at.mailbox.left = [one for one in self.at.mailbox.left if f"{SEND_HEADER}: {entry.id}\r\n".encode() not in one.raw]

    def _compare_with_what_left(self) -> None:
        self._is_truthful()
        super()._compare_with_what_left()

    def _is_truthful(self) -> None:
        for one in self.at.store.everything(Send):
            told = {two.word for two in one.told}
            if Word.DROPPED in told:
                assert one.state is not SendState.SETTLED, "settled although its carrier has dropped it"
            if told & {Word.PROCESSED, Word.DELIVERED, Word.BLOCKED} and Word.DROPPED not in told:
                assert one.state in (SendState.SETTLED, SendState.CANCELLED), "its carrier has taken it, and the ledger does not know"

    def _is_at_home(self, entry: Send, left: Left) -> None:
        if self.fates.get(entry.id) is not Word.DROPPED:
            super()._is_at_home(entry, left)

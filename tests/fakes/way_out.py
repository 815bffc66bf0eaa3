"""A way out in memory, without a fence: whoever calls it twice sends twice. What left is the mailbox's truth, and not shown there."""

from email import message_from_bytes
from typing import Any

from shared.connectors.gmail import mime
from shared.domain.sends import Departure
from shared.ports.clock import Clock
from shared.ports.errors import OutcomeUnknown, Permanent, Transient
from shared.ports.mailbox import SentMail
from shared.ports.ways_out import Parcel
from tests.fakes.mailbox import Left, MemoryMailbox


class Opened:
    """The same way for everybody."""

    def __init__(self, way: Any) -> None:
        self._way = way

    def open(self, **_whose: Any) -> Any:
        return self._way


class MemoryWay:
    """`mailbox.sending` is the weather here too; a call that arrives late has its effect whatever stands in the mailbox by then."""

    def __init__(self, mailbox: MemoryMailbox, clock: Clock) -> None:
        self._mailbox, self._clock = mailbox, clock

    def bring_out(self, *, parcel: Parcel) -> Departure:
        weather = self._mailbox.sending
        self._mailbox.on_wire(parcel.gmail_draft_id, parcel.raw)
        if weather == "refuses":
            raise Transient("the mail server is busy")
        if weather == "rejects":
            raise Permanent("the mail server does not want this mail")
        if weather == "fails before":
            raise OutcomeUnknown("no answer from the mail server")
        if weather == "arrives late":
            self._mailbox.late_calls.append(lambda: self._left(parcel))
            raise OutcomeUnknown("no answer from the mail server")
        self._left(parcel)
        if weather == "fails after":
            raise OutcomeUnknown("no answer from the mail server")
        return Departure(thread_id=parcel.thread_id, message_id=parcel.message_id, receipt="queued", at=self._clock.now())

    def _left(self, parcel: Parcel) -> None:
        ours = str(message_from_bytes(parcel.raw)[mime.OWN_HEADER])
        mail = SentMail(gmail_message_id="", thread_id="", message_id=parcel.message_id, ours=ours, sent_at=self._clock.now())
        self._mailbox.left.append(Left(mail, parcel.raw, by_hand=False))

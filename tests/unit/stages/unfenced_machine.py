"""The same walk over a way out that has no fence: the draft in Gmail stands whatever has left. Walked at random by tests.

What an operator sends by hand in the very moment of our call, or after it, nobody can prevent: those are no mails of ours.
"""

from typing import Any

from shared.domain.draft import DraftState
from shared.domain.sends import Send, SendState
from shared.domain.stamping import SEND_HEADER, message_id_of
from shared.domain.ways import SmtpServer, Way
from tests.builders import an_operator
from tests.fakes.mailbox import Left
from tests.unit.stages.send_machine import Sends

STAMPS = ["Date", "Message-ID", SEND_HEADER]


class UnfencedSends(Sends):
    maria = an_operator(way=Way.SMTP, smtp=SmtpServer(host="mail.northwind.example"))

    def _counted(self) -> list[Left]:
        return [one for one in self.at.mailbox.left if not one.by_hand]

    def _approved_part(self, raw: bytes) -> bytes:
        lines = raw.split(b"\r\n", len(STAMPS))
        assert [line.split(b":")[0].decode() for line in lines[: len(STAMPS)]] == STAMPS
        return lines[-1]

    def _judge_the_call(self, gmail_draft_id: str, raw: bytes) -> None:
        super()._judge_the_call(gmail_draft_id, raw)
        gone = gmail_draft_id not in self.at.mailbox.drafts
        assert not (gone and self.edited.get(gmail_draft_id, 0) < self.looked), "sent although the operator had sent or deleted it"
        [entry] = [one for one in self.at.store.everything(Send) if f"{SEND_HEADER}: {one.id}\r\n".encode() in raw]
        assert [one.doubtful for one in entry.attempts[:-1]].count(True) == 0, "tried again after an end nobody knew"

    def _compare_with_what_left(self) -> None:
        super()._compare_with_what_left()
        box = self.at.mailbox
        ours = {one.mail.ours: one for one in self._counted()}
        for one in self.at.store.everything(Send):
            if one.state is SendState.SETTLED and one.draft_id in ours and one.departure is not None:
                self._is_at_home(one, ours[one.draft_id])
        standing = {found.ours for found, _ in box.drafts.values() if found.content_hash != "other words"}
        withdrawn = box.calls.count("withdraw_draft")
        assert withdrawn <= len(self.at.store.everything(Send))
        for number in range(1, 5):
            draft = self.at.draft(number)
            if (
                draft.state is DraftState.PENDING
                and draft.placement is not None
                and self.edited.get(draft.placement.gmail_draft_id) is None
            ):
                assert draft.id in standing, "a draft was withdrawn although nothing had left"

    def _is_at_home(self, entry: Send, left: Left) -> None:
        """Its copy is among the sent mails, once, as it left; unless a mail of the same draft stood there already."""
        copies = [(kept, raw) for kept, raw in self.at.mailbox.kept if kept.ours == entry.draft_id]
        assert len(copies) <= 1 or self.at.mailbox.forgot, "its copy was kept twice"
        for _, raw in copies:
            assert self._approved_part(raw) == self._approved_part(left.raw)
        assert entry.departure is not None
        by_hand: list[Any] = [one for one in self.at.mailbox.left if one.by_hand and one.mail.ours == entry.draft_id]
        assert by_hand or entry.departure.message_id == message_id_of(entry.id, "maria@northwind.example")

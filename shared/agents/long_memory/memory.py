"""The mails of an operator with some circles of people, as far as they are remembered: filled from the mailbox, searched in the store."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from shared.domain.chunks import chunks_of
from shared.domain.conversation import MailRef, Message, Remembered, Thread, circle_of
from shared.domain.ids import derived_id
from shared.domain.nearness import nearness
from shared.domain.people import mail_domain
from shared.domain.workspace import Operator
from shared.ports.errors import NotFound
from shared.ports.mailbox import Mailbox
from shared.ports.model import Embedder, NoVectors
from shared.ports.store import Near, Put, Remove, Store
from shared.resilience.together import all_of, together

LISTED = 100
"""Newest mails that count: older ones are forgotten."""
READ_AT_ONCE = 25
"""Mails read for the first time in one recall: the run must not wait for a whole history. The next recall reads on."""
PIECES = 8
"""Of one mail: about its first 6,500 characters. All of one recall fit into one commit."""
SEARCHED = 250
"""Pieces the store brings back. When it brings fewer, they are all there are."""
NO_WORDS = "no words of its own"

Found = Mapping[str, Sequence[Near[Remembered]]]
"""What the store brought back, by circle."""


@dataclass(frozen=True)
class Circles:
    """Whom a recall is about: people, and whole firms."""

    operator: Operator
    people: Sequence[str]
    firms: Sequence[str]

    @property
    def named(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*(self.of(one) for one in self.people), *self.firms)))

    def of(self, address: str) -> str:
        return circle_of(address, own_domain=mail_domain(self.operator.email))

    def everybody_in(self, message: Message, circle: str) -> tuple[str, ...]:
        """Sender and recipients who belong to the circle."""
        others = (one.lower() for one in (message.sender, *message.recipients) if not self.operator.owns_address(one))
        return tuple(dict.fromkeys(one for one in others if self.of(one) == circle))

    def concern(self, piece: Remembered) -> bool:
        """Somebody asked for, or anybody of a firm asked for."""
        return piece.circle in self.firms or any(one in self.people for one in piece.people)


class Memory:
    def __init__(self, circles: Circles, *, mailbox: Mailbox, store: Store, embedder: Embedder) -> None:
        self._circles, self._mailbox, self._store, self._embedder = circles, mailbox, store, embedder
        self._operator = circles.operator

    def nearest(self, query: str) -> Sequence[Near[Remembered]]:
        """Pieces of mails that stand in the mailbox now, each with its similarity; what is new there is remembered on the way.

        What has gone from the mailbox is forgotten.
        """
        listed, searched = together(
            lambda: self._mailbox.listed_about(addresses=self._circles.people, domains=self._circles.firms, limit=LISTED),
            lambda: self._searched(query),
        )
        if not listed:
            self._forget(one for circle in self._circles.named for one in self._stored(circle))
            return ()
        if isinstance(searched, NoVectors):
            raise searched
        about, found = searched
        there, everything = {one.id for one in listed}, list(chain.from_iterable(found.values()))
        self._forget(one.entity for one in everything if one.entity.message_id not in there)
        known = [one for one in everything if one.entity.message_id in there]
        fresh = [Near(one, nearness(about, one.vector)) for one in self._remembered(self._unknown(listed, found))]
        return [one for one in (*known, *fresh) if self._circles.concern(one.entity)]

    def _searched(self, query: str) -> tuple[Sequence[float], Found] | NoVectors:
        """What the query is about, and what the store holds of it; why not, if not: where no mail is listed, nobody needs to know."""
        try:
            [about] = self._embedder.embed(texts=[query])
        except NoVectors as error:
            return error
        found = all_of([partial(self._search, circle, about) for circle in self._circles.named])
        return about, dict(zip(self._circles.named, found, strict=True))

    def _stored(self, circle: str) -> Iterable[Remembered]:
        where = {"mailbox": self._operator.email, "circle": circle}
        found = self._store.list(Remembered, workspace_id=self._operator.workspace_id, where=where, limit=SEARCHED)
        return [one.entity for one in found]

    def _search(self, circle: str, about: Sequence[float]) -> Sequence[Near[Remembered]]:
        where = {"embedder": self._embedder.version, "mailbox": self._operator.email, "circle": circle}
        return self._store.nearest(
            Remembered, workspace_id=self._operator.workspace_id, field="vector", vector=about, limit=SEARCHED, where=where
        )

    def _unknown(self, listed: Sequence[MailRef], found: Found) -> Sequence[MailRef]:
        """Mails not remembered yet. Only where the search could not bring back everything is the store asked for each."""
        known = {one.entity.message_id for near in found.values() for one in near}
        unknown = [one for one in listed if one.id not in known]
        crowded = [circle for circle, near in found.items() if len(near) >= SEARCHED]
        if not (unknown and crowded):
            return unknown
        ids = {self._id(circle, one.id, 0): one.id for circle in crowded for one in unknown}
        stored = self._store.get_many(Remembered, workspace_id=self._operator.workspace_id, ids=tuple(ids))
        known = {ids[id] for id, seen in stored.items() if seen.entity.embedder == self._embedder.version}
        return [one for one in unknown if one.id not in known]

    def _remembered(self, unknown: Sequence[MailRef]) -> Sequence[Remembered]:
        """Read, embedded in one go, and stored."""
        wanted = {one.id for one in unknown[:READ_AT_ONCE]}
        threads = dict.fromkeys(one.thread_id for one in unknown[:READ_AT_ONCE])
        read = all_of([partial(self._thread, id) for id in threads])
        messages = {one.id: one for thread in read if thread for one in thread.messages if one.id in wanted}
        blank = [piece for circle in self._circles.named for one in messages.values() for piece in self._pieces(one, circle)]
        if not blank:
            return ()
        texts = [f"{messages[one.message_id].subject}\n{one.text}".strip() or NO_WORDS for one in blank]
        vectors = self._embedder.embed(texts=texts)
        pieces = [one.model_copy(update={"vector": tuple(vector)}) for one, vector in zip(blank, vectors, strict=True)]
        for circle in self._circles.named:  # whole mails: half of one would pass for all of it
            self._store.commit(*(Put(one) for one in pieces if one.circle == circle))
        return pieces

    def _thread(self, id: str) -> Thread | None:
        """None when it was deleted since it was listed."""
        try:
            return self._mailbox.thread(thread_id=id)
        except NotFound:
            return None

    def _pieces(self, message: Message, circle: str) -> Iterable[Remembered]:
        """Blank ones, without vectors; of machine mail and of what the search brought up by mistake no word is kept."""
        people = self._circles.everybody_in(message, circle)
        chunks = chunks_of(message.text)[:PIECES] if people and not message.automatic else ()
        for position, (start, text) in enumerate(chunks or [(0, "")]):
            yield Remembered(
                id=self._id(circle, message.id, position),
                workspace_id=self._operator.workspace_id,
                mailbox=self._operator.email,
                circle=circle,
                embedder=self._embedder.version,
                message_id=message.id,
                thread_id=message.thread_id,
                sender=message.sender,
                sender_name=message.sender_name,
                direction=message.direction,
                people=people,
                sent_at=message.sent_at,
                position=position,
                start=start,
                text=text,
            )

    def _id(self, circle: str, message_id: str, position: int) -> str:
        return derived_id(self._operator.email, circle, message_id, str(position))

    def _forget(self, gone: Iterable[Remembered]) -> None:
        """Of those asked about: others of the same firm were not looked for in the mailbox."""
        removed = [Remove(one) for one in gone if self._circles.concern(one)]
        if removed:
            self._store.commit(*removed)

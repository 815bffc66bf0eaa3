"""Earlier mails with the same people or firm that bear on what is asked now. Called by the plan stage."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.agents.long_memory.memory import Circles, Memory
from shared.domain.conversation import Message, Recollection, Remembered
from shared.domain.people import FREE_MAIL_DOMAINS, mail_domain
from shared.domain.prose import best_passage, flat, terms
from shared.domain.spans import message_span
from shared.domain.workspace import Operator
from shared.ports.mailbox import MailboxOf
from shared.ports.model import Embedder
from shared.ports.store import Near, Store

PREVIEW = 150
LONGEST_QUERY = 2000
SIMILAR = 0.1
"""Mails less similar than this to what is asked are not worth bringing up."""
RECENCY = 0.1
"""Weight of being recent, against being similar."""
HALF_LIFE = timedelta(days=180)


class MailMemory:
    """While nothing new has come, one wait: for the mailbox's list, and beside it for the embedding and the store's search."""

    def __init__(self, *, mailbox: MailboxOf, store: Store, embedder: Embedder) -> None:
        self._mailbox, self._store, self._embedder = mailbox, store, embedder

    def recall(self, *, operator: Operator, addresses: Sequence[str], domains: Sequence[str], query: str) -> Sequence[Recollection]:
        """Best first. Domains anybody can have a mailbox at, and the operator's own side, are never searched."""
        circles = Circles(operator, people=_others(operator, addresses), firms=_firms(operator, domains))
        if not query.strip() or not circles.named:
            return ()
        memory = Memory(circles, mailbox=self._mailbox(operator), store=self._store, embedder=self._embedder)
        found = memory.nearest(query.strip()[:LONGEST_QUERY])
        candidates = [one for one in found if one.entity.text]
        return _ranked(candidates, query, mailbox=operator.email) if candidates else ()


def _ranked(candidates: Sequence[Near[Remembered]], query: str, *, mailbox: str) -> Sequence[Recollection]:
    """Of each mail the nearest piece, of the same words sent twice the better."""
    newest = max(one.entity.sent_at for one in candidates)
    best: dict[str, Near[Remembered]] = {}
    for one in sorted(candidates, key=lambda one: (-one.similarity, one.entity.position)):
        if one.similarity >= SIMILAR:
            best.setdefault(one.entity.message_id, one)
    recalled = [_recollection(one.entity, one.similarity, newest, query, mailbox) for one in best.values()]
    distinct = {one.preview: one for one in sorted(recalled, key=lambda one: (one.relevance, one.at))}
    return sorted(distinct.values(), key=lambda one: (-one.relevance, one.evidence.id))


def _others(operator: Operator, addresses: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.lower() for one in addresses if one and not operator.owns_address(one)))


def _firms(operator: Operator, domains: Sequence[str]) -> tuple[str, ...]:
    excluded = FREE_MAIL_DOMAINS | {mail_domain(operator.email)}
    return tuple(dict.fromkeys(one.lower() for one in domains if one and one.lower() not in excluded))


def _recollection(piece: Remembered, cosine: float, newest: datetime, query: str, mailbox: str) -> Recollection:
    recency = 0.5 ** ((newest - piece.sent_at) / HALF_LIFE)
    preview = best_passage(piece.text, about=terms(query), limit=PREVIEW) or flat(piece.text)[:PREVIEW]
    return Recollection(
        preview=preview,
        sender=piece.sender,
        at=piece.sent_at,
        relevance=round((1 - RECENCY) * min(1.0, cosine) + RECENCY * recency, 4),
        thread_id=piece.thread_id,
        message_id=piece.message_id,
        span=(piece.start, piece.start + len(piece.text)),
        evidence=message_span(_cited(piece), text=preview, mailbox=mailbox),
    )


def _cited(piece: Remembered) -> Message:
    """The mail as far as a citation needs it."""
    return Message(
        id=piece.message_id,
        thread_id=piece.thread_id,
        direction=piece.direction,
        sender=piece.sender,
        sender_name=piece.sender_name,
        sent_at=piece.sent_at,
    )

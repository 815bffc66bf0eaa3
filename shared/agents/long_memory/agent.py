"""Earlier mails with the same people or firm that bear on what is asked now. Called by the plan stage."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.domain.conversation import Message, Recollection
from shared.domain.nearness import nearness
from shared.domain.people import FREE_MAIL_DOMAINS, mail_domain
from shared.domain.prose import best_passage, flat, terms
from shared.domain.spans import message_span
from shared.domain.workspace import Operator
from shared.ports.mailbox import MailboxOf
from shared.ports.model import Embedder

PREVIEW = 150
LONGEST_TEXT = 2000
"""Characters of a mail (and of the query) that are compared."""
SIMILAR = 0.1
"""Mails less similar than this to what is asked are not worth bringing up."""
RECENCY = 0.1
"""Weight of being recent, against being similar."""
HALF_LIFE = timedelta(days=180)


class MailMemory:
    def __init__(self, *, mailbox: MailboxOf, embedder: Embedder) -> None:
        self._mailbox, self._embedder = mailbox, embedder

    def recall(
        self, *, operator: Operator, addresses: Sequence[str], domains: Sequence[str], query: str, without_thread: str, k: int = 3
    ) -> Sequence[Recollection]:
        """At most k, best first. Domains anybody can have a mailbox at, and the operator's own side, are never searched."""
        people, firms = _others(operator, addresses), _firms(operator, domains)
        if k < 1 or not query.strip() or not (people or firms):
            return ()
        found = self._mailbox(operator).messages_about(addresses=people, domains=firms)
        candidates = [one for one in found if one.thread_id != without_thread and not one.automatic and one.text.strip()]
        return self._ranked(candidates, query, mailbox=operator.email)[:k] if candidates else ()

    def _ranked(self, candidates: Sequence[Message], query: str, *, mailbox: str) -> Sequence[Recollection]:
        about, *vectors = self._embedder.embed(texts=[query[:LONGEST_TEXT], *(_read(one) for one in candidates)])
        newest = max(one.sent_at for one in candidates)
        similar = [(nearness(about, vector), one) for vector, one in zip(vectors, candidates, strict=True)]
        recalled = [_recollection(one, cosine, newest, query, mailbox) for cosine, one in similar if cosine >= SIMILAR]
        distinct = {one.preview: one for one in sorted(recalled, key=lambda one: (one.relevance, one.at))}
        return sorted(distinct.values(), key=lambda one: (-one.relevance, one.evidence.id))


def _others(operator: Operator, addresses: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.lower() for one in addresses if one and not operator.owns_address(one)))


def _firms(operator: Operator, domains: Sequence[str]) -> tuple[str, ...]:
    excluded = FREE_MAIL_DOMAINS | {mail_domain(operator.email)}
    return tuple(dict.fromkeys(one.lower() for one in domains if one and one.lower() not in excluded))


def _read(message: Message) -> str:
    return f"{message.subject}\n{message.text}"[:LONGEST_TEXT]


def _recollection(message: Message, cosine: float, newest: datetime, query: str, mailbox: str) -> Recollection:
    recency = 0.5 ** ((newest - message.sent_at) / HALF_LIFE)
    preview = best_passage(message.text[:LONGEST_TEXT], about=terms(query), limit=PREVIEW) or flat(message.text)[:PREVIEW]
    return Recollection(
        preview=preview,
        sender=message.sender,
        at=message.sent_at,
        relevance=round((1 - RECENCY) * cosine + RECENCY * recency, 4),
        thread_id=message.thread_id,
        evidence=message_span(message, text=preview, mailbox=mailbox),
    )

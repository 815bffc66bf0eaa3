"""A request that carries a key is served once: its repeats get the answer that was kept. Used by the API for everything that decides.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from datetime import datetime, timedelta

from shared.domain.ids import derived_id
from shared.domain.kept_answer import SERVED_WITHIN, KeptAnswer, begun
from shared.domain.work import NOBODYS
from shared.ports.clock import Clock
from shared.ports.errors import Conflict, OutcomeUnknown, Rejected, SalesAgentError, Transient
from shared.ports.requests import Caller, Incoming, Reply
from shared.ports.store import Create, Remove, Replace, Snapshot, Store, Write

KEY = re.compile(r"[!-~]{1,255}")
LARGEST_ANSWER = 900_000
"""Bytes that are kept: a document of the store holds a MiB. What is longer is not done twice, and not told twice either."""


serving: ContextVar[KeptAnswer | None] = ContextVar("serving", default=None)
"""The claim under which a request is being served. What decides names its entry in the log after it, and so commits once."""


class Repeats:
    """The keys of one caller are no other caller's. What was refused is not kept: nothing was done, so it may be tried again.

    A request that dies on its way leaves its claim behind; once that has ended, a repeat is served anew, by the state things are in.
    Whatever the first attempt has committed carries an entry of the log named after the claim: the repeat cannot commit that again.
    """

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def answer(self, caller: Caller, incoming: Incoming, *, serve: Callable[[], Reply]) -> Reply:
        """Rejected: 422 for a key of another request, 409 while the first one is being served."""
        key = incoming.headers.get("idempotency-key", "").strip()
        if not key:
            return serve()
        if not KEY.fullmatch(key):
            raise Rejected("Idempotency-Key: should be 1 to 255 printable characters", field="idempotency-key")
        claim = self._claim(caller, key, incoming)
        return claim if isinstance(claim, Reply) else self._served(claim, serve)

    def _claim(self, caller: Caller, key: str, incoming: Incoming) -> Snapshot[KeptAnswer] | Reply:
        """What serves it, or the answer that is there already."""
        workspace_id, now = caller.workspace_id or NOBODYS, self._clock.now()
        id, request = derived_id("key", caller.kind, caller.name, key), _fingerprint(incoming)
        seen = self._store.get(KeptAnswer, workspace_id=workspace_id, id=id)
        if seen is not None and not seen.entity.expired(now):
            if seen.entity.request != request:
                raise Rejected("Idempotency-Key: belongs to another request", field="idempotency-key", status=422, kind="key-reused")
            if seen.entity.status:
                return _kept(seen.entity)
            _refuse_while_served(seen.entity, now)
        claim = begun(seen.entity if seen else None, id=id, workspace_id=workspace_id, request=request, now=now)
        try:
            [version, *_] = self._store.commit(Replace(seen, claim) if seen else Create(claim))
        except Conflict:
            raise _under_way(SERVED_WITHIN) from None
        return Snapshot(claim, version)

    def _served(self, claim: Snapshot[KeptAnswer], serve: Callable[[], Reply]) -> Reply:
        token = serving.set(claim.entity)
        try:
            reply = serve()
        except (Transient, OutcomeUnknown):
            self._keep(Replace(claim, claim.entity.model_copy(update={"broken_off": True})))
            raise
        except SalesAgentError:
            self._keep(Remove(claim.entity, claim))
            raise
        finally:
            serving.reset(token)
        text = json.dumps(reply.content, ensure_ascii=False)
        kept = text if len(text.encode()) <= LARGEST_ANSWER else ""
        self._keep(Replace(claim, claim.entity.model_copy(update={"status": reply.status, "answer": kept})))
        return reply

    def _keep(self, write: Write) -> None:
        """Whoever asked is answered all the same: what was not kept is missed by nobody but a repeat."""
        with suppress(SalesAgentError):
            self._store.commit(write)


def _kept(kept: KeptAnswer) -> Reply:
    if not kept.answer:
        raise Conflict("it was done when it was first asked for, and that answer was too long to be kept: read what there is now")
    return Reply(json.loads(kept.answer), status=kept.status, headers={"Idempotent-Replayed": "true"})


def _refuse_while_served(kept: KeptAnswer, now: datetime) -> None:
    if kept.is_served(now):
        raise _under_way(kept.begun_at + SERVED_WITHIN - now)


def _under_way(wait: timedelta) -> Rejected:
    seconds = max(1, min(2, round(wait.total_seconds())))
    headers = {"Retry-After": str(seconds)}
    return Rejected("the first request with this key is being served", status=409, kind="under-way", headers=headers)


def _fingerprint(incoming: Incoming) -> str:
    return derived_id(incoming.method, incoming.path.strip("/"), incoming.url.partition("?")[2], incoming.body.hex())

"""The Model every agent gets: budget, retries, fallback and a record around the configured model; built by the wiring."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Generic

from shared.domain.agent_run import AgentRun
from shared.domain.ids import TraceId
from shared.ports.clock import Clock, Ids
from shared.ports.errors import Conflict, MalformedAnswer, Permanent, SalesAgentError, Transient
from shared.ports.model import Answer, Model, ModelReply, ModelRequest, Refused, TooSlow, UnusableAnswer, Usage
from shared.ports.store import Add, Create, Store, Write

COUNTERS = "counters"
ATTEMPTS = 3
"""The first try and two more after malformed answers."""

COMPLAINT = "\n\nYour previous answer could not be used: {reason}. Answer again with the whole JSON, corrected."

NOTHING = Usage()


@dataclass(frozen=True)
class Tries(Generic[Answer]):
    """How it went with the primary model: a reply, or the outcome and reason why there is none, and what was spent either way."""

    outcome: str
    reason: str = ""
    reply: ModelReply[Answer] | None = None
    attempts: int = 0
    spent: Usage = NOTHING


class ModelGateway:
    """Implements ports.model.Model. `primary` is None without a key: then the fallback is simply the model."""

    def __init__(self, *, primary: Model | None, fallback: Model, store: Store, clock: Clock, ids: Ids) -> None:
        self._primary, self._fallback = primary, fallback
        self._store, self._clock, self._ids = store, clock, ids

    def complete(self, request: ModelRequest[Answer]) -> ModelReply[Answer]:
        """Raises what the fallback raises, recorded like everything else."""
        started = self._clock.now()
        tries = Tries[Answer](outcome="ok") if self._primary is None else self._try(self._primary, request)
        try:
            reply = _totalled(tries.reply, tries) if tries.reply else self._fall_back(request, tries)
        except SalesAgentError as error:
            failed = replace(tries, outcome=_outcome(error), reason=error.detail)
            self._record(request, failed, started, model="", fell_back=self._primary is not None)
            raise
        self._record(request, tries, started, model=reply.model, fell_back=reply.fell_back, cache_hit=reply.cache_hit)
        return reply

    def _try(self, primary: Model, request: ModelRequest[Answer]) -> Tries[Answer]:
        """Ask until an answer is usable, the attempts are used up, something else fails, or the day's money is spent."""
        before = self._spent_today(request)
        tries = Tries[Answer](outcome="ok")
        asked = request
        while tries.attempts < ATTEMPTS:
            if before + tries.spent.cost_usd >= request.daily_budget_usd:
                return replace(tries, outcome="over_budget", reason="the workspace's model budget of the day is spent")
            tries = _attempt(primary, asked, tries)
            if tries.outcome != "malformed":
                return tries
            asked = replace(request, prompt=request.prompt + COMPLAINT.format(reason=tries.reason))
        return tries

    def _fall_back(self, request: ModelRequest[Answer], tries: Tries[Answer]) -> ModelReply[Answer]:
        reply = _accepted(request, self._fallback.complete(request))
        return replace(
            reply,
            attempts=tries.attempts + 1,
            tokens_in=tries.spent.tokens_in,
            tokens_out=tries.spent.tokens_out,
            cost_usd=tries.spent.cost_usd,
            fell_back=self._primary is not None,
            fallback_reason=f"{tries.outcome}: {tries.reason}" if self._primary is not None else "",
        )

    def _spent_today(self, request: ModelRequest[Answer]) -> float:
        counter = self._store.counter(workspace_id=request.workspace_id, collection=COUNTERS, id=spend_id(self._clock.now()))
        return float(counter.get("cost_usd", 0.0))

    def _record(
        self,
        request: ModelRequest[Answer],
        tries: Tries[Answer],
        started: datetime,
        *,
        model: str,
        fell_back: bool,
        cache_hit: bool = False,
    ) -> None:
        """The trace and the money, in one commit; never a prompt or an answer."""
        now, spent = self._clock.now(), tries.spent
        run = AgentRun(
            id=self._ids.new(),
            workspace_id=request.workspace_id,
            agent=request.agent,
            model=model,
            prompt_version=request.prompt_version,
            trace_id=TraceId(request.trace_id),
            run_id=request.run_id,
            attempts=max(1, tries.attempts),
            **asdict(spent),
            latency_ms=round((now - started).total_seconds() * 1000),
            cache_hit=cache_hit,
            outcome=tries.outcome,
            fell_back=fell_back,
            reason=tries.reason,
            at=now,
        )
        (request.book or self._keep)((Create(run), _spent(run, on=started)))

    def _keep(self, record: Sequence[Write]) -> None:
        with suppress(Conflict):  # a repeated commit found that it had been done
            self._store.commit(*record)


def _spent(run: AgentRun, *, on: datetime) -> Add:
    amounts = {"cost_usd": run.cost_usd, "calls": 1, "fallbacks": int(run.fell_back)}
    return Add(run.workspace_id, COUNTERS, spend_id(on), amounts)


def spend_id(moment: datetime) -> str:
    """The counter of one day, UTC."""
    return f"model-spend-{moment:%Y-%m-%d}"


def _attempt(primary: Model, request: ModelRequest[Answer], tries: Tries[Answer]) -> Tries[Answer]:
    attempts = tries.attempts + 1
    try:
        reply = primary.complete(request)
    except (MalformedAnswer, Permanent, Transient) as error:
        usage = error.usage if isinstance(error, UnusableAnswer | Refused) else NOTHING
        return replace(tries, outcome=_outcome(error), reason=error.detail, attempts=attempts, spent=_sum(tries.spent, usage))
    spent = _sum(tries.spent, Usage(reply.tokens_in, reply.tokens_out, reply.cost_usd))
    try:
        return Tries(outcome="ok", reply=_accepted(request, reply), attempts=attempts, spent=spent)
    except MalformedAnswer as error:
        return replace(tries, outcome="malformed", reason=error.detail, attempts=attempts, spent=spent)


def _accepted(request: ModelRequest[Answer], reply: ModelReply[Answer]) -> ModelReply[Answer]:
    if request.accept is not None:
        request.accept(reply.answer)
    return reply


def _totalled(reply: ModelReply[Answer], tries: Tries[Answer]) -> ModelReply[Answer]:
    """The reply with what all attempts cost."""
    spent = tries.spent
    return replace(reply, attempts=tries.attempts, tokens_in=spent.tokens_in, tokens_out=spent.tokens_out, cost_usd=spent.cost_usd)


def _outcome(error: SalesAgentError) -> str:
    if isinstance(error, MalformedAnswer):
        return "malformed"
    if isinstance(error, TooSlow):
        return "timeout"
    return "unavailable" if isinstance(error, Transient) else "refused"


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(one.tokens_in + other.tokens_in, one.tokens_out + other.tokens_out, one.cost_usd + other.cost_usd)

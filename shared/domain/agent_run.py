"""The record of one model call: what was asked of whom, what it cost, how it ended."""

from datetime import datetime
from typing import ClassVar

from shared.domain.entity import Entity
from shared.domain.ids import TraceId


class AgentRun(Entity):
    """`agent_runs/{id}`."""

    collection: ClassVar[str] = "agent_runs"

    agent: str
    model: str
    prompt_version: str
    trace_id: TraceId
    run_id: str = ""
    attempts: int = 1
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    latency_ms: int = 0
    cache_hit: bool = False
    outcome: str  # "ok" | "malformed" | "timeout" | "unavailable" | "over_budget" | "refused"
    fell_back: bool = False
    reason: str = ""  # why it ended like that, when it did not end well; never a body
    at: datetime

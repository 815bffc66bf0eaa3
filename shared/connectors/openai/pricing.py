"""What tokens cost, in US dollars per million; called by the adapter. Prices as published on openai.com/api/pricing in 2025."""

from shared.ports.model import Usage

PER_MILLION = {
    "gpt-5": (1.25, 0.125, 10.0),
    "gpt-5-mini": (0.25, 0.025, 2.0),
    "gpt-5-nano": (0.05, 0.005, 0.4),
    "gpt-4.1": (2.0, 0.5, 8.0),
    "gpt-4.1-mini": (0.4, 0.1, 1.6),
    "gpt-4.1-nano": (0.1, 0.025, 0.4),
    "gpt-4o": (2.5, 1.25, 10.0),
    "gpt-4o-mini": (0.15, 0.075, 0.6),
}
"""Model: (input, cached input, output)."""

UNKNOWN = max(PER_MILLION.values())
"""A model without a known price counts as the dearest, so that no budget is overrun unnoticed."""


def usage_of(*, model: str, tokens_in: int, cached: int, tokens_out: int) -> Usage:
    """Dated versions ("gpt-5-mini-2025-08-07") cost what their model costs. Output includes the tokens of reasoning."""
    known = [name for name in PER_MILLION if model == name or model.startswith(f"{name}-20")]
    fresh, from_cache, out = PER_MILLION[max(known, key=len)] if known else UNKNOWN
    cost = ((tokens_in - cached) * fresh + cached * from_cache + tokens_out * out) / 1_000_000
    return Usage(tokens_in=tokens_in, tokens_out=tokens_out, cost_usd=cost)

"""How long to hold back before the n-th repeat; used by guarded calls."""

FIRST_S = 0.1
LONGEST_S = 10.0
SPREAD = 0.1


def backoff_s(attempt: int, *, chance: float) -> float:
    """Seconds before repeat number `attempt` (from 0): 100 ms doubling to 10 s, ±10 % by `chance` in [0, 1)."""
    plain = min(LONGEST_S, FIRST_S * 2.0 ** min(attempt, 32))
    return plain * (1 + SPREAD * (2 * chance - 1))

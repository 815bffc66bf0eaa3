"""The risk of a draft: a weighted sum of what was found, capped at 100."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.domain.verdict import Severity, Violation

PERSONAL_DATA = frozenset({"ssn", "card_number", "bank_account", "health_data", "third_party"})


@dataclass(frozen=True)
class RiskWeights:
    """Points per violation; the defaults are the product's."""

    high: int = 50
    medium: int = 20
    low: int = 10
    personal_data: int = 25
    by_check: dict[str, int] = field(default_factory=lambda: {"forbidden_word": 10, "stage_mismatch": 40, "industry_mismatch": 30})
    most_of_check: dict[str, int] = field(default_factory=lambda: {"forbidden_word": 40})
    cap: int = 100


DEFAULT_WEIGHTS = RiskWeights()


def risk_of(violations: Iterable[Violation], *, weights: RiskWeights = DEFAULT_WEIGHTS) -> int:
    """0-100."""
    points: Counter[str] = Counter()
    for one in violations:
        points[one.check] += _points(one, weights)
    return min(weights.cap, sum(min(total, weights.most_of_check.get(check, weights.cap)) for check, total in points.items()))


def _points(violation: Violation, weights: RiskWeights) -> int:
    if violation.check in weights.by_check:
        return weights.by_check[violation.check]
    if violation.check in PERSONAL_DATA:
        return weights.personal_data
    by_severity = {Severity.HIGH: weights.high, Severity.MEDIUM: weights.medium, Severity.LOW: weights.low}
    return by_severity[violation.severity]

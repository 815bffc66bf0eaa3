"""The risk of a draft: a weighted sum of what was found, capped at 100."""

from collections import Counter
from collections.abc import Iterable

from shared.domain.policy import Weights
from shared.domain.verdict import Severity, Violation

DEFAULT_WEIGHTS = Weights()
PERSONAL_DATA = frozenset({"ssn", "card_number", "bank_account", "health_data", "third_party"})


def risk_of(violations: Iterable[Violation], *, weights: Weights = DEFAULT_WEIGHTS) -> int:
    """0-100."""
    points: Counter[str] = Counter()
    for one in violations:
        points[one.check] += _points(one, weights)
    return min(weights.cap, sum(min(total, weights.most_of_check.get(check, weights.cap)) for check, total in points.items()))


def _points(violation: Violation, weights: Weights) -> int:
    if violation.check in weights.by_check:
        return weights.by_check[violation.check]
    if violation.check in PERSONAL_DATA:
        return weights.personal_data
    by_severity = {Severity.HIGH: weights.high, Severity.MEDIUM: weights.medium, Severity.LOW: weights.low}
    return by_severity[violation.severity]

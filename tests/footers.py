"""A footer as any law wants it; used by the tests of what may leave."""

from typing import Any

from shared.domain.footer import Footer


def a_footer(**changes: Any) -> Footer:
    """All that any law of the table asks for."""
    usual = {
        "identity": "Northwind Events, S.L.",
        "postal_address": "Calle Mayor 1, 28013 Madrid, Spain",
        "reason": "You agreed to hear from us.",
        "opt_out": "https://links.northwind.example/unsubscribe/1",
    }
    return Footer(**{**usual, **changes})

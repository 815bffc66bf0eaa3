"""Retry, circuit state, rate budgets and leases, used by connectors and runtime."""

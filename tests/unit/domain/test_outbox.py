"""Where queues and functions are addressed."""

import pytest

from shared.domain.outbox import QUEUE_WORKER, Queue, address_of


@pytest.mark.parametrize(("function", "address"), [("plan", "/plan"), ("log_to_crm", "/log-to-crm"), ("form_webhook", "/form-webhook")])
def test_a_function_is_addressed_in_kebab_case(function: str, address: str):
    assert address_of(function) == address


def test_every_queue_has_a_worker_that_is_a_function():
    assert set(QUEUE_WORKER) == set(Queue)
    assert QUEUE_WORKER[Queue.CRM] == "log_to_crm"

"""A dead letter for tests that replay or resolve it."""

from typing import Any

from shared.domain.dead_letter import DeadLetter
from shared.domain.work import Work
from tests.builders import MONDAY, WORKSPACE


def a_dead_letter(**changes: Any) -> DeadLetter:
    """Of a send whose delivery failed."""
    payload = Work(workspace_id=WORKSPACE, id="send-1").model_dump_json()
    told = {"function": "send", "source": "send", "payload": payload, "reason": "it failed", "received_at": MONDAY}
    return DeadLetter.model_validate({"id": "dead_1", "workspace_id": WORKSPACE, **told, **changes})

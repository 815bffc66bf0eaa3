"""Ports of which any one call may go wrong: the process dies, the answer is lost, somebody else acts in between. For model-based tests."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.ports.errors import OutcomeUnknown, ReconnectNeeded, SalesAgentError, Transient
from tests.unit.stages.crashing import Death

SENDS = ("send_draft", "bring_out")
WAYS = ("dies before", "dies after", "fails before", "fails after", "is revoked", "somebody acts")


@dataclass(frozen=True)
class Plan:
    """The `at`-th port call from now on, of those with this name if there is one, goes wrong in this way."""

    at: int
    way: str
    act: Callable[[], None] = lambda: None
    name: str = ""


class Trouble:
    """Counts the calls of one delivery; `plan` None: nothing goes wrong."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self.count = 0

    def begin(self, plan: Plan | None) -> None:
        self.plan, self.count = plan, 0

    def through(self, name: str, port: Any) -> Any:
        return _Troubled(name, port, self)

    def call(self, port: str, name: str, effect: Callable[[], Any]) -> Any:
        plan = self._struck(name)
        if plan is None:
            return effect()
        if plan.way == "somebody acts":
            if name not in SENDS:  # what is heard after the last look and before the call is the race that stays
                plan.act()
            return effect()
        if plan.way == "dies before":
            raise Death
        if plan.way in ("fails before", "is revoked") and port != "outbox":
            raise ReconnectNeeded("consent was revoked") if plan.way == "is revoked" and port == "mailbox" else Transient(f"{name} failed")
        result = effect()
        if plan.way == "dies after":
            raise Death
        if plan.way == "fails after" and port != "outbox":
            raise _lost(name)
        return result

    def _struck(self, name: str) -> Plan | None:
        """The plan, when this is the call it waits for; it strikes once."""
        plan = self.plan
        if plan is None or plan.name not in ("", name):
            return None
        now, self.count = self.count, self.count + 1
        if plan.at != now:
            return None
        self.plan = None
        return plan


def _lost(name: str) -> SalesAgentError:
    return OutcomeUnknown("no answer") if name in (*SENDS, "keep_sent") else Transient(f"the answer to {name} was lost")


class _Troubled:
    def __init__(self, name: str, port: Any, trouble: Trouble) -> None:
        self._name, self._port, self._trouble = name, port, trouble

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found
        return lambda *args, **kwargs: self._trouble.call(self._name, name, lambda: found(*args, **kwargs))

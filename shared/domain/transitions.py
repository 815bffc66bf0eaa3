"""One table of allowed transitions per state machine; everything that changes a state asks its table."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

State = TypeVar("State", bound=StrEnum)


class IllegalTransition(ValueError):
    """A change the state's table does not allow: a bug in the caller, never bad input."""


class Transitions(Generic[State]):
    """The table of one machine. States without an entry are final."""

    def __init__(self, table: Mapping[State, frozenset[State]]) -> None:
        self.table = dict(table)

    def allowed(self, source: State, target: State) -> bool:
        return target in self.table.get(source, frozenset())

    def check(self, source: State, target: State) -> State:
        """The target, or IllegalTransition."""
        if not self.allowed(source, target):
            raise IllegalTransition(f"{source} → {target} is not allowed")
        return target

    def final(self, state: State) -> bool:
        return not self.table.get(state)

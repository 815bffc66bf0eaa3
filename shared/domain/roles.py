"""What whoever calls may do: each role may do what those before it may. Used by the API's tokens and routes."""

from enum import StrEnum


class Role(StrEnum):
    VIEWER = "viewer"  # reads
    OPERATOR = "operator"  # decides about drafts, sends and who is not written to
    ADMIN = "admin"  # decides what may leave at all

    def includes(self, other: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)

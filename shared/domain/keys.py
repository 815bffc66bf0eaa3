"""Versioned keys of a workspace, kept as lines of one secret: those of its suppressions, and those that seal its audit log."""

from pydantic import Field

from shared.domain.entity import Value


class VersionedKey(Value):
    """Old versions stay: what was made with them goes on being recognised."""

    version: int
    secret: bytes = Field(repr=False)

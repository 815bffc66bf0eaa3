"""Versioned keys of a workspace, kept as lines of one secret: those of its suppressions, those that seal its audit log, and those
of the links in its mails."""

from pydantic import Field

from shared.domain.entity import Value


class VersionedKey(Value):
    """Old versions stay: what was made with them goes on being recognised."""

    version: int
    secret: bytes = Field(repr=False)

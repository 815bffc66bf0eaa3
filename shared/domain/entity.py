"""The shape of everything stored: frozen, identified, in one named collection, in one workspace."""

from datetime import timedelta
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.domain.ids import WorkspaceId


class Value(BaseModel):
    """A frozen value without identity; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Entity(Value):
    """A document of `workspaces/{workspace_id}/{collection}/{id}`. A reading may be as old as `good_for`: by default it is fresh."""

    collection: ClassVar[str]
    good_for: ClassVar[timedelta] = timedelta(0)

    id: str
    workspace_id: WorkspaceId


class Route(Value):
    """A document of the root collection `{collection}/{id}`: maps what arrives from outside to a workspace."""

    collection: ClassVar[str]
    good_for: ClassVar[timedelta] = timedelta(0)

    id: str
    workspace_id: WorkspaceId

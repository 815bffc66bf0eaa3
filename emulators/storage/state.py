"""Buckets and their objects. One live generation of each object: nothing here is versioned."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from emulators.secretmanager.crc32c import crc32c
from emulators.storage import errors


@dataclass
class Stored:
    """One generation of an object."""

    name: str
    content: bytes
    content_type: str
    generation: int
    created: datetime
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def md5(self) -> str:
        return base64.b64encode(hashlib.md5(self.content, usedforsecurity=False).digest()).decode()

    @property
    def crc32c(self) -> str:
        return base64.b64encode(crc32c(self.content).to_bytes(4, "big")).decode()


@dataclass
class Bucket:
    """`retention_s` 0: none. A locked policy may grow and never shrinks."""

    name: str
    created: datetime
    retention_s: int = 0
    retention_since: datetime | None = None
    locked: bool = False
    uniform: bool = True
    metageneration: int = 1
    objects: dict[str, Stored] = field(default_factory=dict)

    def object(self, name: str) -> Stored:
        if name not in self.objects:
            raise errors.no_object(self.name, name)
        return self.objects[name]

    def retained_until(self, stored: Stored) -> datetime | None:
        return stored.created + timedelta(seconds=self.retention_s) if self.retention_s else None

    def release(self, name: str, now: datetime) -> None:
        """Before it goes or is replaced: 403 while its retention lasts."""
        stored = self.objects.get(name)
        until = self.retained_until(stored) if stored else None
        if until is not None and now < until:
            raise errors.retained(self.name, name, until)


class StorageState:
    """`generation` counts every object written, as microseconds do at Google."""

    def __init__(self) -> None:
        self.buckets: dict[str, Bucket] = {}
        self.generation = 1_700_000_000_000_000

    def bucket(self, name: str) -> Bucket:
        if name not in self.buckets:
            raise errors.no_bucket()
        return self.buckets[name]

    def next_generation(self) -> int:
        self.generation += 1
        return self.generation

    def dump(self) -> dict[str, Any]:
        return {"generation": self.generation, "buckets": [_dumped(one) for one in self.buckets.values()]}

    def load(self, data: Mapping[str, Any]) -> None:
        self.generation = data["generation"]
        self.buckets = {one["name"]: _bucket(one) for one in data["buckets"]}


def _dumped(bucket: Bucket) -> dict[str, Any]:
    objects = [
        asdict(one) | {"content": base64.b64encode(one.content).decode(), "created": one.created.isoformat()}
        for one in bucket.objects.values()
    ]
    since = bucket.retention_since.isoformat() if bucket.retention_since else None
    return asdict(bucket) | {"created": bucket.created.isoformat(), "retention_since": since, "objects": objects}


def _bucket(data: Mapping[str, Any]) -> Bucket:
    kept = [
        Stored(**{**one, "content": base64.b64decode(one["content"]), "created": datetime.fromisoformat(one["created"])})
        for one in data["objects"]
    ]
    since = datetime.fromisoformat(data["retention_since"]) if data["retention_since"] else None
    moments = {"created": datetime.fromisoformat(data["created"]), "retention_since": since}
    return Bucket(**{**data, **moments, "objects": {one.name: one for one in kept}})

"""Blocks of the audit log: what is sealed, in which order, and with what. Pure; the sealer, retention and every verification use it."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from shared.domain.audit import AuditEntry
from shared.domain.entity import Entity, Value
from shared.domain.ids import WorkspaceId
from shared.domain.keys import VersionedKey

MOST_ENTRIES = 200
"""Of one block: each costs two writes of a commit that takes 500 (its marker goes, its place comes)."""
HEAD, LATEST = "head", "latest"


class Anchor(Value):
    """A point of the chain: everything up to that block is in `digest`, and `seal` is the workspace's word for it."""

    number: int
    seal: str
    digest: str


ORIGIN = Anchor(number=0, seal="", digest="")
"""What the first block follows."""


class SealedEntry(Value):
    """One entry of a block, by what it said when it was sealed."""

    id: str
    digest: str


class AuditBlock(Entity):
    """`audit_blocks/{number}`. `previous` and `previous_digest` are the anchor it follows; `seal` needs the key, digests need none."""

    collection: ClassVar[str] = "audit_blocks"

    number: int
    previous: str
    previous_digest: str
    entries: tuple[SealedEntry, ...]
    sealed_at: datetime
    key_version: int
    seal: str


class AuditHead(Entity):
    """`audit_heads/head`: the block sealed last. `exported` is the latest in the vault, `tidied_at` when retention was last done."""

    collection: ClassVar[str] = "audit_heads"

    number: int
    seal: str
    digest: str
    sealed_at: datetime
    exported: int = 0
    tidied_at: datetime | None = None

    @property
    def anchor(self) -> Anchor:
        return Anchor(number=self.number, seal=self.seal, digest=self.digest)


class Place(Entity):
    """`audit_places/{entry id}`: in which block an entry is, so that one that is in none is found without reading all blocks."""

    collection: ClassVar[str] = "audit_places"

    block: int


class Checkpoint(Entity):
    """`audit_checkpoints/latest`: everything up to this block was dropped for its age; from the next one on the log vouches for itself."""

    collection: ClassVar[str] = "audit_checkpoints"

    number: int
    block_seal: str
    digest: str
    sealed_at: datetime  # of that block
    entries: int  # dropped since the log began
    made_at: datetime
    key_version: int
    seal: str

    @property
    def anchor(self) -> Anchor:
        return Anchor(number=self.number, seal=self.block_seal, digest=self.digest)


class ExportedHead(Value):
    """What lies in the vault, one object for each head that was exported."""

    workspace_id: WorkspaceId
    number: int
    seal: str
    digest: str
    sealed_at: datetime

    @property
    def anchor(self) -> Anchor:
        return Anchor(number=self.number, seal=self.seal, digest=self.digest)


def block_id(number: int) -> str:
    """In the order of numbers when listed by name."""
    return f"{number:012d}"


def entry_digest(entry: AuditEntry) -> str:
    """Of everything an entry says. What has its default is left out: a field that comes later does not change what was sealed before."""
    said = entry.model_dump(mode="json", exclude_defaults=True) | {"at": _moment(entry.at)}
    return hashlib.sha256(_canonical("audit entry", said)).hexdigest()


def sealed(entries: Sequence[AuditEntry], *, after: Anchor, at: datetime, key: VersionedKey) -> AuditBlock:
    """The block that follows, its entries in the order given."""
    block = AuditBlock(
        id=block_id(after.number + 1),
        workspace_id=entries[0].workspace_id,
        number=after.number + 1,
        previous=after.seal,
        previous_digest=after.digest,
        entries=tuple(SealedEntry(id=one.id, digest=entry_digest(one)) for one in entries),
        sealed_at=at,
        key_version=key.version,
        seal="",
    )
    return block.model_copy(update={"seal": _sealed(_block_text(block), key)})


def checkpoint_at(block: AuditBlock, *, entries: int, at: datetime, key: VersionedKey) -> Checkpoint:
    """Signed; `entries` counts everything that is gone once the block is."""
    checkpoint = Checkpoint(
        id=LATEST,
        workspace_id=block.workspace_id,
        number=block.number,
        block_seal=block.seal,
        digest=block_digest(block),
        sealed_at=block.sealed_at,
        entries=entries,
        made_at=at,
        key_version=key.version,
        seal="",
    )
    return checkpoint.model_copy(update={"seal": _sealed(_checkpoint_text(checkpoint), key)})


def anchor_of(block: AuditBlock) -> Anchor:
    return Anchor(number=block.number, seal=block.seal, digest=block_digest(block))


def before(block: AuditBlock) -> Anchor:
    """What a block says it follows."""
    return Anchor(number=block.number - 1, seal=block.previous, digest=block.previous_digest)


def block_digest(block: AuditBlock) -> str:
    """Anybody can compute it: an export verifies without the key, against a head that was kept elsewhere."""
    return hashlib.sha256(_block_text(block)).hexdigest()


def is_sealed_with(made: AuditBlock | Checkpoint, keys: Mapping[int, VersionedKey]) -> bool:
    """Whether its seal is of the key it names."""
    key = keys.get(made.key_version)
    text = _block_text(made) if isinstance(made, AuditBlock) else _checkpoint_text(made)
    return key is not None and hmac.compare_digest(made.seal.encode(), _sealed(text, key).encode())


def _block_text(block: AuditBlock) -> bytes:
    said = block.model_dump(exclude={"seal", "id", "entries", "sealed_at"})
    return _canonical(
        "audit block", said | {"entries": [[one.id, one.digest] for one in block.entries], "sealed_at": _moment(block.sealed_at)}
    )


def _checkpoint_text(checkpoint: Checkpoint) -> bytes:
    said = checkpoint.model_dump(exclude={"seal", "id", "sealed_at", "made_at"})
    moments = {"sealed_at": _moment(checkpoint.sealed_at), "made_at": _moment(checkpoint.made_at)}
    return _canonical("audit checkpoint", said | moments)


def _canonical(what: str, said: Mapping[str, Any]) -> bytes:
    """One form for what means the same; what is sealed as one thing never passes for another."""
    return f"{what} 1\n{json.dumps(said, sort_keys=True, separators=(',', ':'))}".encode()


def _sealed(text: bytes, key: VersionedKey) -> str:
    return hmac.new(key.secret, text, hashlib.sha256).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")

"""Finds the documents of the workspace's Drive that bear on what somebody wrote. Called by the plan stage."""

from collections.abc import Mapping, Sequence, Set

from shared.domain.allow_list import still_admitted
from shared.domain.assets import INDEX_ID, Asset, AssetChunk, AssetMatch, DriveIndex
from shared.domain.evidence import Evidence, EvidenceKind
from shared.domain.ids import EvidenceId
from shared.domain.library import sharing_of
from shared.domain.prose import best_passage, terms
from shared.domain.workspace import DriveAccess, Workspace
from shared.ports.agents import NotIndexed
from shared.ports.model import Embedder
from shared.ports.store import Near, Store

PASSAGE = 200
LONGEST_QUERY = 2000
CANDIDATES = 40
"""Chunks looked at more closely: several of one document, and some of readings that are being replaced, are among them."""
RELEVANT = 0.2
"""Less relevant documents are not returned: a weak hit is worse than none."""
MEANING = 0.6
"""Weight of the vectors against the words themselves, which keep names and figures honest."""
ENOUGH_TERMS = 6
"""So many shared terms count as saying the same, however long the question is."""


class DriveAssetHunter:
    """Reads the index alone, in two round trips besides the embedding: Drive is the business of index_drive."""

    def __init__(self, *, store: Store, embedder: Embedder) -> None:
        self._store, self._embedder = store, embedder

    def hunt(self, *, workspace: Workspace, query: str, k: int = 3) -> Sequence[AssetMatch]:
        """At most k documents, most relevant first, each with the passage that makes it so."""
        asked = query.strip()[:LONGEST_QUERY]
        if not asked or k < 1 or not workspace.drive.all_roots:
            return ()
        near = self._nearest(workspace, asked)
        if not near:
            self._check_indexed(workspace)
            return ()
        found = self._store.get_many(Asset, workspace_id=workspace.id, ids=tuple({one.entity.asset_id: None for one in near}))
        assets = {id: one.entity for id, one in found.items() if still_admitted(workspace.drive, one.entity.entry)}
        best = _best_chunks(near, assets, about=terms(asked))
        matches = [_match(assets[id], *scored, about=terms(asked), drive=workspace.drive) for id, scored in best.items()]
        return sorted(matches, key=lambda one: (-one.relevance, one.file_id))[:k]

    def _nearest(self, workspace: Workspace, asked: str) -> Sequence[Near[AssetChunk]]:
        [vector] = self._embedder.embed(texts=[asked])
        alike = {"embedder": self._embedder.version}
        return self._store.nearest(AssetChunk, workspace_id=workspace.id, field="vector", vector=vector, limit=CANDIDATES, where=alike)

    def _check_indexed(self, workspace: Workspace) -> None:
        """Nothing found may mean that nobody has looked yet."""
        seen = self._store.get(DriveIndex, workspace_id=workspace.id, id=INDEX_ID)
        if seen is None or seen.entity.complete_at is None:
            trouble = seen.entity.trouble if seen else ""
            raise NotIndexed(f"Drive could not be read: {trouble}" if trouble else "Drive has not been read yet")
        if seen.entity.embedder != self._embedder.version:
            raise NotIndexed("Drive has not been read with the present embedding model yet")


def _best_chunks(near: Sequence[Near[AssetChunk]], assets: Mapping[str, Asset], *, about: Set[str]) -> dict[str, tuple[float, AssetChunk]]:
    """The most relevant one of each document. Chunks of another generation than the one in use are not there."""
    best: dict[str, tuple[float, AssetChunk]] = {}
    for one in sorted(near, key=lambda one: one.entity.position):
        asset, chunk = assets.get(one.entity.asset_id), one.entity
        if asset is None or asset.generation != chunk.generation:
            continue
        relevance = _relevance(asset, chunk, one.similarity, about)
        if relevance >= RELEVANT and (asset.id not in best or relevance > best[asset.id][0]):
            best[asset.id] = relevance, chunk
    return best


def _match(asset: Asset, relevance: float, chunk: AssetChunk, *, about: Set[str], drive: DriveAccess) -> AssetMatch:
    """What may be shared is decided by what the workspace says today, not when the file was read."""
    passage = best_passage(chunk.text, about=about, limit=PASSAGE)
    shareable = asset.shareable and sharing_of(asset.entry, drive).allowed
    return AssetMatch(
        file_id=asset.id,
        name=asset.entry.name,
        kind=asset.kind,
        passage=passage,
        relevance=relevance,
        shareable=shareable,
        url=asset.entry.url,
        evidence=_evidence(asset, chunk.position, chunk.text if shareable else passage),
    )


def _relevance(asset: Asset, chunk: AssetChunk, similarity: float, about: Set[str]) -> float:
    shared = len(about & (terms(chunk.text) | terms(asset.entry.name)))
    coverage = min(1.0, shared / max(1, min(len(about), ENOUGH_TERMS)))
    return round(MEANING * min(1.0, max(0.0, similarity)) + (1 - MEANING) * coverage, 4)


def _evidence(asset: Asset, number: int, span: str) -> Evidence:
    """What may be said: of a document to share all around the passage, of any other no more than the passage itself."""
    return Evidence(
        id=EvidenceId(f"document.{asset.id}.{number}"),
        kind=EvidenceKind.DOCUMENT,
        label=f"Document “{asset.entry.name}”",
        text=span,
        source=f"drive:files/{asset.id}#{number}",
        url=asset.entry.url,
        at=asset.entry.modified_at,
    )

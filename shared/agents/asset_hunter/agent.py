"""Finds the documents of the workspace's Drive that bear on what somebody wrote. Called by the plan stage."""

from collections.abc import Sequence, Set

from shared.agents.asset_hunter.index import DriveIndex
from shared.domain.assets import Asset, AssetChunk, AssetMatch
from shared.domain.evidence import Evidence, EvidenceKind
from shared.domain.ids import EvidenceId
from shared.domain.nearness import nearness
from shared.domain.prose import best_passage, terms
from shared.domain.workspace import Workspace
from shared.ports.clock import Clock
from shared.ports.files import FilesOf
from shared.ports.model import Embedder
from shared.ports.store import Store

PASSAGE = 200
LONGEST_QUERY = 2000
RELEVANT = 0.2
"""Less relevant documents are not returned: a weak hit is worse than none."""
MEANING = 0.6
"""Weight of the vectors against the words themselves, which keep names and figures honest."""
ENOUGH_TERMS = 6
"""So many shared terms count as saying the same, however long the question is."""


class DriveAssetHunter:
    def __init__(self, *, files: FilesOf, store: Store, embedder: Embedder, clock: Clock) -> None:
        self._index = DriveIndex(files=files, store=store, embedder=embedder, clock=clock)
        self._embedder = embedder

    def hunt(self, *, workspace: Workspace, query: str, k: int = 3) -> Sequence[AssetMatch]:
        """At most k documents, most relevant first, each with the passage that makes it so."""
        asked = query.strip()[:LONGEST_QUERY]
        assets = self._index.assets(workspace=workspace) if asked and k > 0 else ()
        if not assets:
            return ()
        [vector] = self._embedder.embed(texts=[asked])
        found = [match for asset in assets if (match := _match(asset, vector, terms(asked)))]
        return sorted(found, key=lambda one: (-one.relevance, one.file_id))[:k]


def _match(asset: Asset, vector: Sequence[float], about: Set[str]) -> AssetMatch | None:
    """None when nothing in the document is relevant enough."""
    scored = [(_relevance(asset, chunk, vector, about), -number) for number, chunk in enumerate(asset.chunks)]
    if not scored or max(scored)[0] < RELEVANT:
        return None
    relevance, number = max(scored)[0], -max(scored)[1]
    passage = best_passage(asset.chunks[number].text, about=about, limit=PASSAGE)
    return AssetMatch(
        file_id=asset.id,
        name=asset.name,
        kind=asset.kind,
        passage=passage,
        relevance=relevance,
        shareable=asset.shareable,
        url=asset.url,
        evidence=_evidence(asset, number, asset.chunks[number].text if asset.shareable else passage),
    )


def _relevance(asset: Asset, chunk: AssetChunk, vector: Sequence[float], about: Set[str]) -> float:
    shared = len(about & (terms(chunk.text) | terms(asset.name)))
    coverage = min(1.0, shared / max(1, min(len(about), ENOUGH_TERMS)))
    return round(MEANING * nearness(vector, chunk.vector) + (1 - MEANING) * coverage, 4)


def _evidence(asset: Asset, number: int, span: str) -> Evidence:
    """What may be said: of a document to share all around the passage, of any other no more than the passage itself."""
    return Evidence(
        id=EvidenceId(f"document.{asset.id}.{number}"),
        kind=EvidenceKind.DOCUMENT,
        label=f"Document “{asset.name}”",
        text=span,
        source=f"drive:files/{asset.id}#{number}",
        url=asset.url,
        at=asset.modified_at,
    )

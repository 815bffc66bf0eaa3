"""infra/firestore.indexes.json: every search by nearness has its index, for every embedder."""

import json

import pytest

from shared.agents.long_memory.agent import MailMemory
from shared.connectors.builtin.embedder import DIMENSIONS
from shared.domain.assets import AssetChunk
from shared.domain.conversation import Remembered
from tests.architecture.sources import ROOT
from tests.builders import PROSPECT, a_message, a_thread, a_workspace
from tests.fakes.embedder import WordEmbedder
from tests.fakes.files import MemoryFiles
from tests.fakes.mailbox import MemoryMailbox
from tests.fakes.store import MemoryStore
from tests.unit.agents.asset_hunter.test_asset_hunter import a_hunter

OPENAI = 1536


class Watched(MemoryStore):
    """Keeps what was searched, and by which filters."""

    def __init__(self) -> None:
        super().__init__()
        self.searches: set[tuple[str, str, tuple[str, ...]]] = set()

    def nearest(self, kind, *, field, where, **asked):  # type: ignore[no-untyped-def, override]
        self.searches.add((kind.collection, field, tuple(sorted(where))))
        return super().nearest(kind, field=field, where=where, **asked)


def declared() -> set[tuple[str, str, tuple[str, ...], int]]:
    indexes = json.loads((ROOT / "infra/firestore.indexes.json").read_text(encoding="utf-8"))["indexes"]
    found = set()
    for one in indexes:
        *filters, last = one["fields"]
        assert one["queryScope"] == "COLLECTION"
        if "vectorConfig" not in last:
            continue
        by = tuple(sorted(field["fieldPath"] for field in filters))
        found.add((one["collectionGroup"], last["fieldPath"], by, last["vectorConfig"]["dimension"]))
    return found


@pytest.mark.parametrize("dimensions", [DIMENSIONS, OPENAI])
def test_every_search_has_its_index(dimensions: int):
    store = Watched()
    a_hunter(MemoryFiles(), store=store).hunt(workspace=a_workspace(), query="summit")
    mailbox = MemoryMailbox(a_thread(a_message()))
    memory = MailMemory(mailbox=mailbox.of, store=store, embedder=WordEmbedder())
    memory.recall(operator=a_workspace().operators[0], addresses=[PROSPECT], domains=[], query="summit")
    assert {one[0] for one in store.searches} == {AssetChunk.collection, Remembered.collection}
    assert {(*one, dimensions) for one in store.searches} <= declared()

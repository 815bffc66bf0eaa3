"""The asset hunter: which documents bear on what somebody wrote, and the passage that says so."""

from typing import Any

import pytest

from shared.agents.asset_hunter.agent import PASSAGE, RELEVANT, DriveAssetHunter
from shared.agents.asset_hunter.kinds import kind_of, may_be_shared
from shared.connectors.builtin.embedder import HashingEmbedder
from shared.domain.assets import AssetKind
from shared.domain.prose import flat
from shared.domain.workspace import DriveAccess
from shared.ports.model import Embedder
from tests.builders import a_file, a_workspace
from tests.cases import cases_of
from tests.fakes.clock import FixedClock
from tests.fakes.embedder import WordEmbedder
from tests.fakes.files import MemoryFiles
from tests.fakes.store import MemoryStore

SUMMIT = (
    "A freight association held a logistics summit in Lisbon.\n\nWe registered 450 guests in two days, with badge printing at four desks. "
    "Waiting time stayed under three minutes.\n\nThe client booked again for the next year."
)
LIBRARY = {
    a_file(id="summit", name="Case study: logistics summit", folder="Case Studies"): SUMMIT,
    a_file(
        id="gala", name="Charity gala", folder="Case Studies"
    ): "A charity invited 120 donors to a gala dinner. The seating changed six times.",
    a_file(id="survey", name="Attendee survey", folder="Client Reports"): "Queues were the most common complaint, followed by the coffee.",
    a_file(id="proposal", name="Harbour Freight", folder="Northwind Proposals"): (
        "We propose a two-day hybrid conference with streaming for 900 remote viewers. Total budget 84,000 euros."
    ),
    a_file(id="parking", name="Parking", folder="Client Reports"): "Employees park on level two. Visitors leave their plates at reception.",
}


def a_hunter(files: MemoryFiles | None = None, embedder: Embedder | None = None) -> DriveAssetHunter:
    drive = files or MemoryFiles(LIBRARY)
    return DriveAssetHunter(files=drive.of, store=MemoryStore(), embedder=embedder or WordEmbedder(), clock=FixedClock())


@pytest.mark.parametrize("embedder", [WordEmbedder(), HashingEmbedder()], ids=["words", "hashing"])
@pytest.mark.parametrize(("query", "expected"), cases_of("asset_hunter"))
def test_a_query_finds_what_bears_on_it_and_nothing_else(query: str, expected: list[str], embedder: Embedder):
    found = a_hunter(embedder=embedder).hunt(workspace=a_workspace(), query=query)
    assert [one.file_id for one in found[: len(expected) or None]] == expected


def test_a_match_quotes_its_document_and_cites_all_around_the_passage():
    [match, *_] = a_hunter().hunt(workspace=a_workspace(), query="How do you handle badge printing for registered guests?")
    assert (
        match.passage == "We registered 450 guests in two days, with badge printing at four desks. Waiting time stayed under three minutes."
    )
    assert match.evidence.text == SUMMIT
    assert (match.evidence.id, match.evidence.source) == ("document.summit.0", "drive:files/summit#0")
    assert (match.kind, match.shareable, match.url) == (AssetKind.CASE_STUDY, True, "https://docs.google.com/document/d/file-1")


def test_a_proposal_to_another_client_is_found_but_not_shareable():
    [match] = a_hunter().hunt(workspace=a_workspace(), query="hybrid conference with streaming")
    assert not match.shareable
    assert match.evidence.text == match.passage


def test_of_a_long_document_to_share_a_thousand_characters_are_cited():
    text = "\n\n".join(f"Section {number} speaks of chairs and tables and lamps in hall {number}." for number in range(60))
    [match] = a_hunter(MemoryFiles({a_file(id="long", name="Minutes"): text})).hunt(workspace=a_workspace(), query="lamps in hall 44")
    assert match.evidence.text in text
    assert len(match.passage) < len(match.evidence.text) <= 1000


def test_the_most_relevant_come_first_and_at_most_k():
    found = a_hunter().hunt(workspace=a_workspace(), query="logistics summit registered guests; gala dinner seating; survey queues coffee")
    assert [one.relevance for one in found] == sorted((one.relevance for one in found), reverse=True)
    assert all(RELEVANT <= one.relevance <= 1 for one in found)
    assert len(a_hunter().hunt(workspace=a_workspace(), query="logistics summit gala dinner", k=1)) == 1


def test_the_passage_comes_from_the_right_part_of_a_long_document():
    filler = "\n\n".join(f"Section {number} speaks of chairs and tables and lamps in hall {number}." for number in range(60))
    text = f"{filler}\n\nStreaming reached 900 remote viewers without a break.\n\n{filler}"
    files = MemoryFiles({a_file(id="long", name="Minutes"): text})
    [match] = a_hunter(files).hunt(workspace=a_workspace(), query="streaming for remote viewers")
    assert match.passage.startswith("Streaming reached 900 remote viewers without a break.")
    assert len(match.passage) <= PASSAGE
    assert match.passage in flat(text)


def test_a_table_without_sentences_still_yields_a_short_passage():
    rows = "\n".join(f"hall {number},capacity {number * 10},streaming yes" for number in range(200))
    [match] = a_hunter(MemoryFiles({a_file(id="sheet", name="Halls"): rows})).hunt(
        workspace=a_workspace(), query="capacity of the halls for streaming"
    )
    assert 0 < len(match.passage) <= PASSAGE


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"name": "Case study: summit", "folder": "Client Reports"}, AssetKind.CASE_STUDY),
        ({"name": "Summit_case_study_2026", "folder": "x"}, AssetKind.CASE_STUDY),
        ({"name": "Harbour", "folder": "Northwind Proposals"}, AssetKind.PROPOSAL),
        ({"name": "Survey results", "folder": "Northwind Proposals"}, AssetKind.REPORT),
        ({"name": "Notes", "folder": "Shared"}, AssetKind.REPORT),
    ],
)
def test_the_name_tells_the_kind_before_the_folder(told: dict[str, Any], kind: AssetKind):
    assert kind_of(a_file(**told)) is kind


def test_only_named_folders_may_be_shared():
    drive = DriveAccess(shareable_folders=("Case Studies", ""))
    assert may_be_shared(a_file(folder="Case Studies 2026"), drive)
    assert not may_be_shared(a_file(folder="Old Case Studies"), drive)
    assert not may_be_shared(a_file(folder="Case Studies"), DriveAccess())

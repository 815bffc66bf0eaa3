"""The commands of a draft's documents, against the API's own function: listed, attached as files, links again."""

import json

import pytest

from infra.cli import draft_commands
from infra.cli.failures import ExitCode
from shared.domain.assets import Asset, AssetKind, AssetMatch
from shared.wiring import ports
from tests.answering import ApiDoor
from tests.builders import an_evidence
from tests.unit.infra.cli.test_policy_commands import Terminal
from tests.unit.stages.deciding.test_enclosing import ENTRY, TEXT, shelve
from tests.unit.stages.desk import DeskWorld

OTHER = ENTRY.model_copy(update={"id": "file-2", "name": "Price list", "url": "https://docs.google.com/document/d/file-2"})


@pytest.fixture
def world() -> DeskWorld:
    """A draft with a link to one document; another was found for it and is not mentioned."""
    world = DeskWorld(text=TEXT)
    shelve(world, world.files)
    shelve(world, world.files, OTHER, "Prices")
    run = world.run()
    found = tuple(
        AssetMatch(
            file_id=one.id,
            name=one.name,
            kind=AssetKind.CASE_STUDY,
            passage="",
            relevance=0.9,
            shareable=True,
            url=one.url,
            evidence=an_evidence(one.id),
        )
        for one in (ENTRY, OTHER)
    )
    world.put(run.model_copy(update={"context": run.context.model_copy(update={"assets": found})}))
    assert len(world.store.everything(Asset)) == 2
    return world


@pytest.fixture
def sdr(world: DeskWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    door = ApiDoor(world, monkeypatch)
    ports._built.update({"desk": world.desk, "quality_gate": world.gate, "stationery": world.stationery})
    monkeypatch.setattr(draft_commands, "opened", lambda _url, _token: door.client)
    return Terminal(capsys)


def files(world: DeskWorld) -> list[str]:
    return [one.file_id for one in world.draft().text.attachments if one.file]


def test_documents_are_listed_attached_and_detached(sdr: Terminal, world: DeskWorld) -> None:
    told = sdr.run("attach", "draft-1")
    assert f"file-1 {ENTRY.name} linked file-2 Price list no" in told
    told = sdr.run("attach", "draft-1", "file-1")
    assert f"Attached: {world.draft().text.files[0].name} (1 kB)" in told
    assert (files(world), ENTRY.url in told) == (["file-1"], False)
    sdr.run("attach", "draft-1", "price LIST")
    assert (files(world), sdr.complaint) == (["file-1", "file-2"], "")
    told = sdr.run("detach", "draft-1", "file-1")
    assert (files(world), ENTRY.url in world.draft().text.body) == (["file-2"], True)
    assert [one["now"] for one in json.loads(sdr.run("attach", "draft-1", "--json"))["items"]] == ["link", "file"]


def test_a_document_that_is_none_of_these_is_refused_with_those_there_are(sdr: Terminal, world: DeskWorld) -> None:
    sdr.run("attach", "draft-1", "nothing")
    assert (sdr.code, "one of: file-1" in sdr.complaint) == (ExitCode.NOT_FOUND, True)
    sdr.run("detach", "draft-1", "file-1")
    assert (sdr.code, "one of: none" in sdr.complaint) == (ExitCode.NOT_FOUND, True)
    assert world.draft().revision == 1


def test_a_name_that_two_documents_have_is_asked_back(sdr: Terminal, world: DeskWorld) -> None:
    run = world.run()
    twins = tuple(one.model_copy(update={"name": ENTRY.name}) for one in run.context.assets)
    world.put(run.model_copy(update={"context": run.context.model_copy(update={"assets": twins})}))
    sdr.run("attach", "draft-1", ENTRY.name)
    assert (sdr.code, "several documents are called" in sdr.complaint, files(world)) == (ExitCode.USAGE, True, [])


def test_a_document_that_may_not_be_shared_now_says_so(sdr: Terminal, world: DeskWorld) -> None:
    world.files.put(ENTRY.model_copy(update={"open_to": ()}), "The bytes")
    sdr.run("attach", "draft-1", "file-1")
    assert (sdr.code, "may not be shared now" in sdr.complaint, files(world)) == (ExitCode.FAILED, True, [])

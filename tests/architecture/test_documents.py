"""Documents: the generated ones are up to date, and every function, connector and emulator is told of somewhere."""

import re
from pathlib import Path

import pytest

from emulators.catalogue import CATALOGUE
from infra import readme, settings_doc
from infra.generated import up_to_date
from infra.manifests import FUNCTIONS, load_all
from tests.architecture.sources import ROOT, documents

CONNECTORS = sorted(path.parent.name for path in (ROOT / "shared" / "connectors").glob("*/__init__.py"))
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")


def test_the_pipeline_document_is_up_to_date() -> None:
    assert up_to_date(readme.README, readme.readme(load_all())), "run `make docs`"


def test_the_settings_document_is_up_to_date() -> None:
    assert up_to_date(settings_doc.DOCUMENT, settings_doc.settings_doc()), "run `make docs`"


def test_every_setting_says_what_it_is_for() -> None:
    assert not [line for line in settings_doc.settings_doc().splitlines() if line.endswith("|  |")]


@pytest.mark.parametrize("name", sorted(path.parent.name for path in FUNCTIONS.glob("*/main.py")))
def test_every_function_is_named_in_the_documents(name: str) -> None:
    assert _named(f"`{name}`", outside=f"functions/{name}/README.md")


@pytest.mark.parametrize("name", CONNECTORS)
def test_every_connector_tells_its_vendors_quirks(name: str) -> None:
    assert (ROOT / "shared" / "connectors" / name / "README.md").is_file()


@pytest.mark.parametrize("name", [*CONNECTORS, *sorted(CATALOGUE)])
def test_every_connector_and_emulator_is_named_in_the_documents(name: str) -> None:
    assert _named(name, outside=f"{name}/README.md")


def test_every_relative_link_leads_somewhere() -> None:
    broken = [
        f"{document} → {target}"
        for document, text in documents().items()
        for target in LINK.findall(text)
        if not ((ROOT / document).parent / target).exists()
    ]
    assert not broken, "\n".join(broken)


def test_every_make_target_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", Path(ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = {name for text in documents().values() for name in re.findall(r"`make ([a-z][a-z-]*)", text)}
    assert told <= targets


def _named(name: str, *, outside: str) -> bool:
    return any(name in text for document, text in documents().items() if not document.endswith(outside))

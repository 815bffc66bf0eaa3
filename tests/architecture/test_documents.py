"""Documents: the generated ones are up to date, what they name exists, and every function, connector and emulator is told of somewhere."""

import ast
import re
from pathlib import Path

import pytest

from emulators.catalogue import CATALOGUE
from infra import readme, settings_doc
from infra.generated import up_to_date
from infra.manifests import FUNCTIONS, load_all
from tests.architecture.sources import ROOT, documents, dotted, sources
from tests.architecture.spoken import unresolved

CONNECTORS = sorted(path.parent.name for path in (ROOT / "shared" / "connectors").glob("*/__init__.py"))
AGENTS = sorted(path.parent.name for path in (ROOT / "shared" / "agents").glob("*/__init__.py"))
HISTORY = ("CHANGELOG.md", "docs/decisions/")
"""Tell of what was, and so of what may be gone."""
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


def test_what_a_document_names_is_there() -> None:
    gone = [
        f"{document}: `{name}`"
        for document, text in documents().items()
        if not document.startswith(HISTORY)
        for name in unresolved(document, text)
    ]
    assert not gone, "\n".join(gone)


@pytest.mark.parametrize(
    "code",
    [
        "shared/stages/plans.py",
        "functions/<name>/main.rs",
        "functions/plan/{main.py,plan.yaml}",
        "stages/plans.py",
        "hostel/gone.py",
        "python -m infra.writeme",
        "shared.stages.plan.replan",
        "tests.cases.case_of",
        "Queue.SENDS",
        "Topic.LEAD_LOST",
        "Suites.environment",
        "lead.lost",
    ],
)
def test_a_name_of_what_is_gone_is_found(code: str) -> None:
    assert list(unresolved("docs/architecture.md", f"As `{code}` does.")) == [code.split()[-1] if "{" not in code else code]


@pytest.mark.parametrize(
    "code",
    [
        "shared/stages/drafting/plan.py",
        "functions/<name>/{main.py,function.yaml}",
        "stages/drafting/plan.py",
        "build/bundles.json",
        "tests/pipeline/*.py",
        "outbox/{run}-{state}",
        "/crm/v3/objects",
        "application/json",
        "python -m infra.readme --check",
        "tests.cases.cases_of",
        "shared.stages",
        "Queue.CRM",
        "Topic.LEAD_RECEIVED",
        "HubSpotEmulator.next_due",
        "Suite.environment",
        "lead.received",
        "users.messages.get",
    ],
)
def test_a_name_of_what_exists_or_is_not_ours_passes(code: str) -> None:
    assert list(unresolved("docs/architecture.md", f"As `{code}` does.")) == []


@pytest.mark.parametrize("agent", AGENTS)
def test_the_cases_of_every_agent_are_read_by_a_test(agent: str) -> None:
    assert (ROOT / "shared" / "agents" / agent / "cases.jsonl").is_file()
    assert agent in _read_cases(), f"a test under tests/unit/agents/{agent} should take its cases from tests.cases.cases_of"


def _read_cases() -> set[str]:
    calls = [node for source in sources("tests") for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    read = [one.args[0] for one in calls if dotted(one.func) == "cases_of"]
    return {str(one.value) for one in read if isinstance(one, ast.Constant)}


def _named(name: str, *, outside: str) -> bool:
    return any(name in text for document, text in documents().items() if not document.endswith(outside))

"""Functions and their manifests: each folder is whole, and what a manifest claims is what the code does."""

import ast
from functools import cache

import pytest
from pydantic import SecretStr

from infra.closure import imports_of, needed, registry_modules
from infra.manifests import FUNCTIONS, Manifest, TriggerKind, load_all
from shared.domain.chores import CHORES
from shared.domain.outbox import QUEUE_WORKER, Queue, Topic
from shared.runtime.settings import Settings
from shared.stages.drafting.resume_runs import GOES_ON_WITH
from shared.wiring import REGISTRY
from tests.architecture.sources import ROOT, dotted, sources

REPEATER = "sweep"
"""Publishes and enqueues whatever others left in the outbox."""
ROUNDS = "rounds"
"""Enqueues whatever the table of chores names."""
WORDS = {REPEATER: {"publishes": "all", "enqueues": "all"}, ROUNDS: {"enqueues": "chores"}}
"""What their manifests say in place of lists, so that nobody has to edit them."""
SECRET_BEHIND = {
    "hubspot-signature": ("hubspot-client-secret",),
    "front_door": ("hubspot-client-secret",),
    "crm": ("hubspot-token-*",),
    "google_accounts": ("google-refresh-token-*",),
    "google_consents": ("google-refresh-token-*", "google-client-secret"),
    "hubspot_consents": ("hubspot-token-*", "hubspot-client-secret", "hubspot-developer-key"),
    "smtp_way": ("smtp-password-*",),
    "sendgrid_way": ("sendgrid-key-*",),
    "slack_boards": ("slack-token-*",),
    "language_model": ("openai-api-key",),
    "embedder": ("openai-api-key",),
    "suppressions": ("suppression-keys-*",),
    "link_secrets": ("link-keys-*",),
    "audit_keys": ("audit-key-*",),
}
"""Registry entry → what it cannot work without: fetched by name, or a setting that is filled from it."""
KEPT_BY = {"console": {"google-refresh-token-*", "hubspot-token-*"}, "api": {"google-refresh-token-*"}}
"""The API connects by delegation alone, which no browser has a part in."""
BY_HAND = "registry"
"""Creates workspaces, with the rights of whoever deploys: no function has it."""
NAMES = sorted(path.parent.name for path in FUNCTIONS.glob("*/main.py"))


@cache
def manifests() -> dict[str, Manifest]:
    return load_all()


def test_every_function_folder_has_code_and_a_valid_manifest() -> None:
    assert NAMES
    assert sorted(manifests()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_function_is_called_like_its_folder(name: str) -> None:
    [source] = sources(f"functions/{name}/main.py")
    assert name in {node.name for node in source.tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("name", NAMES)
def test_events_and_tasks_of_the_code_are_those_of_the_manifest(name: str) -> None:
    assert manifests()[name].words == WORDS.get(name, {})
    mentioned = {REPEATER: {*Topic, *Queue}, ROUNDS: {chore.queue for chore in CHORES}}.get(name) or _mentioned(name)
    for kind, granted in ((Topic, "publishes"), (Queue, "enqueues")):
        wanted = sorted(str(one) for one in mentioned if isinstance(one, kind))
        told = f"functions/{name}/function.yaml should say {granted}: [{', '.join(wanted)}]"
        assert wanted == sorted(getattr(manifests()[name], granted)), told


def test_every_event_is_published_and_heard() -> None:
    every = manifests().values()
    assert {topic for one in every if one.name != REPEATER for topic in one.publishes} == set(Topic)
    assert {one.trigger.value for one in every if one.trigger.kind is TriggerKind.TOPIC} == set(Topic)


def test_every_queue_is_filled_and_calls_its_worker() -> None:
    every = manifests().values()
    workers = {one.trigger.value: one.name for one in every if one.trigger.kind is TriggerKind.QUEUE}
    assert workers == QUEUE_WORKER, f"Queue and QUEUE_WORKER of shared/domain/outbox.py should say {workers}"
    unfilled = set(Queue) - {queue for one in every if one.name != REPEATER for queue in one.enqueues}
    assert not unfilled, f"nobody enqueues {', '.join(unfilled)}: the manifest of whoever does should say so"


def test_a_manifest_says_that_it_is_a_chore_when_the_table_of_chores_does() -> None:
    marked = {one.trigger.value for one in manifests().values() if one.chore}
    told = {chore.queue for chore in CHORES}
    assert marked == told, f"either in CHORES of shared/domain/chores.py, or `chore: true` in a manifest, but not both: {marked ^ told}"


def test_a_paused_stage_is_told_again_through_what_it_hears() -> None:
    """Whatever carries on a run by its id, or by its hint's, can wait for an account."""
    heard = {one.name: one.trigger.value for one in manifests().values() if one.name in GOES_ON_WITH}
    assert heard == {stage: str(told) for stage, told in GOES_ON_WITH.items()}


def test_one_function_takes_the_dead_letters() -> None:
    assert len([one for one in manifests().values() if one.trigger.kind is TriggerKind.DEAD_LETTERS]) == 1


@pytest.mark.parametrize("name", NAMES)
def test_what_a_function_uses_is_in_the_registry(name: str) -> None:
    assert registry_modules(manifests()[name].uses, registry=REGISTRY)


def test_every_secret_has_an_adapter_that_reads_it() -> None:
    fetching = {name for name, entry in REGISTRY.items() if "secrets" in entry.needs} - {BY_HAND}
    mounted = {field.replace("_", "-") for field, one in Settings.model_fields.items() if one.annotation is SecretStr}
    assert fetching <= set(SECRET_BEHIND)
    assert {secret for name, secrets in SECRET_BEHIND.items() if name not in fetching for secret in secrets} == mounted


@pytest.mark.parametrize("name", NAMES)
def test_a_function_may_read_the_secrets_of_its_adapters_and_no_others(name: str) -> None:
    """Functions of one suite share tokens that were fetched once; in Google Cloud each fetches its own."""
    loaded = needed(manifests()[name].uses, registry=REGISTRY)
    assert set(manifests()[name].secrets) == {
        secret for adapter, secrets in SECRET_BEHIND.items() if adapter in loaded for secret in secrets
    }


@pytest.mark.parametrize("name", NAMES)
def test_whoever_keeps_credentials_is_who_connects_accounts(name: str) -> None:
    """And nobody keeps what it may not read: it is tried before and after."""
    keeps = set(manifests()[name].keeps)
    assert keeps == KEPT_BY.get(name, set())
    assert not keeps or "linking" in manifests()[name].uses
    assert keeps <= set(manifests()[name].secrets)


@pytest.mark.parametrize("name", NAMES)
def test_every_port_a_function_asks_for_is_one_it_may_load(name: str) -> None:
    nodes = [node for source in sources(f"functions/{name}") for node in ast.walk(source.tree)]
    asked = {node.attr for node in nodes if isinstance(node, ast.Attribute) and dotted(node.value) == "ports"}
    named = {
        one.value
        for node in nodes
        if isinstance(node, ast.keyword) and node.arg in {"auth", "body"}
        for one in [node.value]
        if isinstance(one, ast.Constant)
    }
    assert asked | named <= set(manifests()[name].uses)


@pytest.mark.parametrize("name", NAMES)
def test_no_connector_of_the_registry_is_imported_directly(name: str) -> None:
    imported = imports_of(f"functions.{name}.main", root=ROOT)
    assert not [module for module in imported if module.startswith(("shared.connectors", "shared.gcp", "shared.agents"))]


def _mentioned(function: str) -> set[Topic | Queue]:
    """Topics and queues named by the function, the stages it calls itself or through a port, and the tasks those owe."""
    files = sources(f"functions/{function}")
    modules = [one.name.removesuffix(".py").replace("/", ".") for one in files]
    called = [one for module in modules for one in imports_of(module, root=ROOT) if one.startswith("shared.stages.")]
    behind = [REGISTRY[one].target.partition(":")[0] for one in manifests()[function].uses]
    called += [one for one in behind if one.startswith("shared.stages.")]
    tasks = [one for one in _below(called) if one.endswith("_tasks")]
    files = sources(f"functions/{function}", *(module.replace(".", "/") + ".py" for module in {*called, *tasks}))
    found = {dotted(node) for source in files for node in ast.walk(source.tree)}
    return {one for one in (*Topic, *Queue) if any(name.startswith(f"{type(one).__name__}.{one.name}") for name in found)}


def _below(modules: list[str]) -> set[str]:
    """Everything of the stages that these import, and what that imports."""
    waiting, seen = list(modules), set[str]()
    while waiting:
        module = waiting.pop()
        if module not in seen and module.startswith("shared.stages."):
            seen.add(module)
            waiting += imports_of(module, root=ROOT)
    return seen

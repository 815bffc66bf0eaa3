"""The plan of the development environment: it runs through, and holds what the manifests want, no more and no less."""

import copy
import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.manifests import load_all
from tests.terraform.checked import Checked, checked
from tests.terraform.planned import PROJECT, Plan, Resource, fields, indexes, mistakes, wanted_grants

STEPS = ("fmt", "init", "validate", "plan", "apply", "stable", "destroy")
EXTRA = Resource(
    "extra",
    "google_project_iam_member",
    {
        "project": PROJECT,
        "role": "roles/datastore.owner",
        "member": f"serviceAccount:fn-api@{PROJECT}.iam.gserviceaccount.com",
        "condition": [],
    },
)
RICH = {
    "indexes": [
        {
            "collectionGroup": "drafts",
            "queryScope": "COLLECTION",
            "fields": [{"fieldPath": "state", "order": "ASCENDING"}, {"fieldPath": "created_at", "order": "DESCENDING"}],
        },
        {"collectionGroup": "runs", "queryScope": "COLLECTION_GROUP", "fields": [{"fieldPath": "tags", "arrayConfig": "CONTAINS"}]},
        {
            "collectionGroup": "asset_chunks",
            "queryScope": "COLLECTION",
            "fields": [
                {"fieldPath": "asset", "order": "ASCENDING"},
                {"fieldPath": "vector", "vectorConfig": {"dimension": 1536, "flat": {}}},
            ],
        },
    ],
    "fieldOverrides": [
        {"collectionGroup": "traces", "fieldPath": "expires_at", "ttl": True, "indexes": []},
        {"collectionGroup": "counters", "fieldPath": "expires_at", "ttl": True},
        {"collectionGroup": "drafts", "fieldPath": "text", "indexes": [{"order": "ASCENDING"}, {"arrayConfig": "CONTAINS"}]},
    ],
}


@pytest.mark.parametrize("step", STEPS)
def test_the_environment_passes_every_step(dev: Checked, step: str) -> None:
    assert dev.steps.get(step) == "ok", dev.output


def test_the_plan_holds_what_the_manifests_want_and_nothing_else(plan: Plan, bundles: dict[str, str]) -> None:
    assert mistakes(plan, load_all(), bundles) == []


def test_no_resource_can_be_left_out_unnoticed(plan: Plan, bundles: dict[str, str]) -> None:
    manifests = load_all()
    assert len(plan) > 100
    assert [one.address for one in plan if not mistakes(plan.without(one.address), manifests, bundles)] == []


def test_a_grant_too_much_is_noticed(plan: Plan, bundles: dict[str, str]) -> None:
    [found] = mistakes(Plan([*plan, EXTRA]), load_all(), bundles)
    assert "nothing asks for it" in found


def _put(*path: str | int) -> Callable[[dict[str, Any], Any], None]:
    def put(values: dict[str, Any], value: Any) -> None:
        inner: Any = values
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value

    return put


WRONG = {
    "another audience": ("google_pubsub_subscription", _put("push_config", 0, "oidc_token", 0, "audience"), "https://elsewhere.example"),
    "no dead letters": ("google_pubsub_subscription", _put("dead_letter_policy"), []),
    "a subscription that expires": ("google_pubsub_subscription", _put("expiration_policy", 0, "ttl"), "2678400s"),
    "fewer threads than requests": ("google_cloudfunctions2_function", _put("service_config", 0, "environment_variables", "THREADS"), "9"),
    "another entry point": ("google_cloudfunctions2_function", _put("build_config", 0, "entry_point"), "main"),
    "a bundle without its hash": (
        "google_cloudfunctions2_function",
        _put("build_config", 0, "source", 0, "storage_source", 0, "object"),
        "plan.zip",
    ),
    "the default account": ("google_cloudfunctions2_function", _put("service_config", 0, "service_account_email"), "default"),
    "a vault that can be unlocked": ("google_storage_bucket", _put("retention_policy", 0, "is_locked"), False),
    "a public bucket": ("google_storage_bucket", _put("public_access_prevention"), "inherited"),
    "no labels": ("google_pubsub_topic", _put("labels"), {}),
}


@pytest.mark.parametrize(("type", "put", "value"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_noticed(plan: Plan, bundles: dict[str, str], type: str, put: Callable[..., None], value: object) -> None:
    spoilt = next(one for one in plan if one.type == type and "dead-letters" not in one.address)
    values = copy.deepcopy(dict(spoilt.values))
    put(values, value)
    assert mistakes(Plan([*plan.without(spoilt.address), replace(spoilt, values=values)]), load_all(), bundles)


def test_every_entry_point_is_in_the_bundle_that_is_deployed(plan: Plan, tree: Path) -> None:
    for values in plan.of("google_cloudfunctions2_function"):
        build: Mapping[str, Any] = values["build_config"][0]
        with zipfile.ZipFile(tree / "build" / build["source"][0]["storage_source"][0]["object"]) as deployed:
            source = deployed.read(f"functions/{build['entry_point']}/main.py").decode()
        assert f"\ndef {build['entry_point']}(" in source


def test_composite_vector_and_lifetime_settings_arrive_as_the_file_says(tree: Path, tmp_path: Path) -> None:
    other = shutil.copytree(tree, tmp_path / "tree")
    (other / "infra" / "firestore.indexes.json").write_text(json.dumps(RICH))
    result = checked(other, "--no-apply")
    assert result.steps.get("plan") == "ok", result.output
    assert indexes(result.plan) == [
        ("asset_chunks", "COLLECTION", (("asset", "ASCENDING"), ("vector", "vector 1536 flat"))),
        ("drafts", "COLLECTION", (("state", "ASCENDING"), ("created_at", "DESCENDING"))),
        ("runs", "COLLECTION_GROUP", (("tags", "CONTAINS"),)),
    ]
    assert fields(result.plan) == [
        ("counters", "expires_at", True, []),
        ("drafts", "text", False, [[("COLLECTION", "ASCENDING"), ("COLLECTION", "CONTAINS")]]),
        ("traces", "expires_at", True, [[]]),
    ]


def test_a_new_function_is_deployed_without_touching_terraform(tree: Path, tmp_path: Path) -> None:
    other = shutil.copytree(tree, tmp_path / "tree")
    manifest = (other / "functions" / "plan" / "function.yaml").read_text()
    (other / "functions" / "survey").mkdir()
    (other / "functions" / "survey" / "function.yaml").write_text(manifest.replace("hubspot-token-*", "survey-token-*"))
    result = checked(other, "--no-apply")
    assert result.steps.get("plan") == "ok", result.output
    account = f"serviceAccount:fn-survey@{PROJECT}.iam.gserviceaccount.com"
    kind = f'{PROJECT} if resource.name.startsWith("projects/123456789012/secrets/survey-token-")'
    assert ("project", kind, "roles/secretmanager.secretAccessor", account) in result.plan.grants
    assert "lead.received--survey" in result.plan.named("google_pubsub_subscription")
    assert "survey-token-*" not in result.plan.named("google_secret_manager_secret", "secret_id")
    [function] = [values for values in result.plan.of("google_cloudfunctions2_function") if values["name"] == "survey"]
    assert function["build_config"][0]["source"][0]["storage_source"][0]["object"] == "survey-not-bundled.zip"


def test_a_new_chore_and_a_new_event_need_no_line_in_the_manifests_of_those_who_repeat(tree: Path, tmp_path: Path) -> None:
    other = shutil.copytree(tree, tmp_path / "tree")
    canary = (other / "functions" / "canary" / "function.yaml").read_text()
    (other / "functions" / "survey").mkdir()
    survey = canary.replace("queue: canary", "queue: survey").replace("publishes: []", "publishes: [lead.surveyed]")
    (other / "functions" / "survey" / "function.yaml").write_text(survey.replace("[datastore.user]", "[datastore.user, pubsub.publisher]"))
    result = checked(other, "--no-apply")
    assert result.steps.get("plan") == "ok", result.output
    manifests = load_all(other / "functions")
    assert "survey" in manifests["rounds"].enqueues
    assert "lead.surveyed" in manifests["sweep"].publishes
    assert sorted(result.plan.grants) == sorted(wanted_grants(manifests))

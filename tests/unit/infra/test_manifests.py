"""Manifests: what a function.yaml says, and how its mistakes are told."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.manifests import InvalidManifest, Manifest, Retry, Trigger, TriggerKind, load_all

FOREVER = {"min_backoff_s": 10, "max_backoff_s": 600}
GOOD: dict[str, Any] = {
    "description": "Plans the next step for a lead.",
    "trigger": {"topic": "lead.received"},
    "publishes": ["lead.planned"],
    "enqueues": [],
    "uses": ["crm"],
    "secrets": ["hubspot-token-*"],
    "roles": ["datastore.user", "pubsub.publisher"],
    "cpu": 1,
    "memory_mb": 512,
    "concurrency": 8,
    "min_instances": 0,
    "timeout_s": 60,
    "retry": {**FOREVER, "max_attempts": 60},
}


def written(folder: Path, name: str = "plan", **changes: object) -> Path:
    path = folder / name / "function.yaml"
    path.parent.mkdir(exist_ok=True)
    fields = {key: value for key, value in {**GOOD, **_retry(changes), **changes}.items() if value is not None}
    path.write_text(yaml.safe_dump(fields))
    return path


def _retry(changes: dict[str, Any]) -> dict[str, Any]:
    """What goes with the trigger: nothing with what is not redelivered, no last attempt for dead letters."""
    [kind] = list(changes.get("trigger", GOOD["trigger"]))[:1] or ["topic"]
    if kind in ("http", "schedule"):
        return {"retry": None}
    return {"retry": FOREVER} if kind == "dead_letters" else {}


def load(path: Path) -> Manifest:
    return load_all(path.parent.parent)[path.parent.name]


def test_a_complete_manifest_is_read_under_the_name_of_its_folder(tmp_path: Path) -> None:
    written(tmp_path)
    assert load_all(tmp_path) == {
        "plan": Manifest(
            name="plan",
            description="Plans the next step for a lead.",
            trigger=Trigger(TriggerKind.TOPIC, "lead.received"),
            publishes=("lead.planned",),
            enqueues=(),
            uses=("crm",),
            secrets=("hubspot-token-*",),
            roles=("datastore.user", "pubsub.publisher"),
            cpu=1,
            memory_mb=512,
            concurrency=8,
            min_instances=0,
            timeout_s=60,
            retry=Retry(10, 600, 60),
        )
    }


@pytest.mark.parametrize(
    ("trigger", "kind"),
    [
        ({"http": "private"}, TriggerKind.HTTP),
        ({"dead_letters": "all"}, TriggerKind.DEAD_LETTERS),
        ({"queue": "crm"}, TriggerKind.QUEUE),
        ({"schedule": "*/5 * * * *"}, TriggerKind.SCHEDULE),
    ],
)
def test_every_kind_of_trigger_is_understood(tmp_path: Path, trigger: dict[str, str], kind: TriggerKind) -> None:
    assert load(written(tmp_path, trigger=trigger)).trigger == Trigger(kind, *trigger.values())


def test_only_public_http_functions_are_public(tmp_path: Path) -> None:
    assert load(written(tmp_path, trigger={"http": "public"})).trigger.public
    assert not load(written(tmp_path, trigger={"http": "private"})).trigger.public
    assert not load(written(tmp_path)).trigger.public


def test_a_queue_may_say_how_it_redelivers(tmp_path: Path) -> None:
    retry = {"min_backoff_s": 5, "max_backoff_s": 5, "max_attempts": 100}
    assert load(written(tmp_path, trigger={"queue": "crm"}, retry=retry)).retry == Retry(5, 5, 100)


def test_what_nobody_delivers_again_has_no_redelivery(tmp_path: Path) -> None:
    with pytest.raises(InvalidManifest, match="triggered by http is not redelivered"):
        _ = load(written(tmp_path, trigger={"http": "public"})).redelivery


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"memory_mb": "large"}, "memory_mb: 'large' is not of type 'integer'"),
        ({"timeout_s": None}, "'timeout_s' is a required property"),
        ({"colour": "blue"}, "Additional properties are not allowed ('colour' was unexpected)"),
        ({"trigger": {"topic": "lead.received", "queue": "crm"}}, "trigger: "),
        ({"trigger": {}}, "trigger: "),
        ({"publishes": ["LeadPlanned"]}, "publishes[0]: 'LeadPlanned' does not match"),
        ({"trigger": {"schedule": "61 * * * *"}}, "trigger.schedule: "),
        ({"trigger": {"http": "public"}, "retry": {"min_backoff_s": 1, "max_backoff_s": 2, "max_attempts": 5}}, "retry: "),
        ({"retry": {"min_backoff_s": 3, "max_backoff_s": 2, "max_attempts": 5}}, "retry.min_backoff_s: is longer"),
        ({"retry": None}, "retry: says how the topic delivers again"),
        ({"trigger": {"queue": "crm"}, "retry": None}, "retry: says how the queue delivers again"),
        ({"retry": FOREVER}, "retry.max_attempts: a subscription hands over to dead letters"),
        ({"trigger": {"dead_letters": "all"}, "retry": {**FOREVER, "max_attempts": 5}}, "retry.max_attempts: nobody stands behind"),
        ({"cpu": 0.5}, "concurrency: must be 1 when cpu is below 1"),
        ({"roles": ["datastore.user"]}, "roles: publishes needs pubsub.publisher"),
        ({"enqueues": ["crm"]}, "roles: enqueues needs cloudtasks.enqueuer"),
        ({"publishes": "every"}, "publishes: 'every' is not one of ['all']"),
        ({"enqueues": "crm"}, "enqueues: 'crm' is not one of ['all', 'chores']"),
        ({"chore": True}, "chore: the rounds fill a queue, and this one is triggered by topic"),
        ({"trigger": {"queue": "canary"}, "chore": False}, "chore: True was expected"),
        ({"enqueues": "chores"}, "roles: enqueues needs cloudtasks.enqueuer"),
        ({"secrets": ["hubspot-token*"]}, "secrets[0]: 'hubspot-token*' does not match"),
    ],
)
def test_a_mistake_names_the_file_and_the_field(tmp_path: Path, changes: dict[str, object], complaint: str) -> None:
    path = written(tmp_path, **changes)
    with pytest.raises(InvalidManifest) as refused:
        load(path)
    assert str(refused.value).startswith(f"{path}: {complaint}")


ENQUEUER = ["pubsub.publisher", "cloudtasks.enqueuer", "iam.serviceAccountUser"]


def test_a_word_in_place_of_a_list_means_what_the_other_manifests_say(tmp_path: Path) -> None:
    written(tmp_path, "rounds", trigger={"schedule": "* * * * *"}, publishes=[], enqueues="chores", roles=ENQUEUER)
    written(tmp_path, "sweep", trigger={"schedule": "* * * * *"}, publishes="all", enqueues="all", roles=ENQUEUER)
    written(tmp_path, "plan")
    written(tmp_path, "log_to_crm", trigger={"queue": "crm"}, publishes=[])
    written(tmp_path, "canary", trigger={"queue": "canary"}, chore=True, publishes=["lead.greeted"])
    found = load_all(tmp_path)
    assert found["sweep"].publishes == ("lead.greeted", "lead.planned", "lead.received")
    assert found["sweep"].enqueues == ("canary", "crm")
    assert found["rounds"].enqueues == ("canary",)
    assert [name for name, one in found.items() if one.chore] == ["canary"]
    assert {name: one.words for name, one in found.items() if one.words} == {
        "rounds": {"enqueues": "chores"},
        "sweep": {"publishes": "all", "enqueues": "all"},
    }


def test_half_a_processor_serves_one_request_at_a_time(tmp_path: Path) -> None:
    assert load(written(tmp_path, cpu=0.5, concurrency=1)).cpu == 0.5


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidManifest) as refused:
        load(written(tmp_path, memory_mb="large", cpu="many"))
    assert len(str(refused.value).splitlines()) == 2


def test_a_field_given_twice_is_a_mistake_and_not_an_override(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text() + "cpu: 2\n")
    with pytest.raises(InvalidManifest, match=r"given twice: cpu"):
        load(path)


@pytest.mark.parametrize("text", ["just words", "{broken"])
def test_what_is_not_a_mapping_is_refused_with_the_file_named(tmp_path: Path, text: str) -> None:
    path = written(tmp_path)
    path.write_text(text)
    with pytest.raises(InvalidManifest, match="function.yaml"):
        load(path)

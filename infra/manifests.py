"""Reads functions/<name>/function.yaml: the one description of a function that the suite, Terraform and the docs share."""

import json
from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from cronsim import CronSim, CronSimError
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[1]
FUNCTIONS = ROOT / "functions"
SCHEMA = Path(__file__).with_name("schemas") / "function.schema.json"


class InvalidManifest(ValueError):
    """Names the file, and for every mistake the field."""


class TriggerKind(StrEnum):
    HTTP = "http"
    TOPIC = "topic"
    DEAD_LETTERS = "dead_letters"
    QUEUE = "queue"
    SCHEDULE = "schedule"


NEEDED_ROLES = {"publishes": ("pubsub.publisher",), "enqueues": ("cloudtasks.enqueuer", "iam.serviceAccountUser")}
"""Naming the invoker in a task is acting as it: https://cloud.google.com/tasks/docs/creating-http-target-tasks#sa"""

REDELIVERED = frozenset({TriggerKind.TOPIC, TriggerKind.DEAD_LETTERS, TriggerKind.QUEUE})


@dataclass(frozen=True, slots=True)
class Trigger:
    """`value`: "public" or "private" for http, a topic, a queue, five cron fields, or "all" for dead letters."""

    kind: TriggerKind
    value: str

    @property
    def public(self) -> bool:
        return self.kind is TriggerKind.HTTP and self.value == "public"


@dataclass(frozen=True, slots=True)
class Retry:
    """The redelivery of a subscription or queue."""

    min_backoff_s: int
    max_backoff_s: int
    max_attempts: int | None = None  # None: never gives up


@dataclass(frozen=True, slots=True)
class Manifest:
    """One function. `name` is its folder, its Python function and its target."""

    name: str
    description: str
    trigger: Trigger
    publishes: tuple[str, ...]
    enqueues: tuple[str, ...]
    uses: tuple[str, ...]
    secrets: tuple[str, ...]
    roles: tuple[str, ...]
    cpu: float
    memory_mb: int
    concurrency: int
    min_instances: int
    timeout_s: int
    retry: Retry | None = None
    chore: bool = False
    keeps: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)  # those of its lists that were a word: {"enqueues": "chores"}

    @property
    def redelivery(self) -> Retry:
        """How its subscription or queue delivers again; InvalidManifest for a function that has neither."""
        if self.retry is None:
            raise InvalidManifest(f"{self.name}: {_not_redelivered(self.trigger.kind)}")
        return self.retry


Meanings = Mapping[str, Mapping[str, tuple[str, ...]]]


def load_all(folder: Path = FUNCTIONS) -> dict[str, Manifest]:
    """Every function by name, in alphabetical order; InvalidManifest names the first file that is wrong."""
    contents = {path.parent.name: _checked(path) for path in sorted(folder.glob("*/function.yaml"))}
    meanings = _meanings(contents.values())
    return {name: _manifest(name, content, meanings) for name, content in contents.items()}


def _meanings(contents: Collection[Mapping[str, Any]]) -> Meanings:
    """List → word that may stand for it → what it means, which only all manifests together say. Terraform's manifests.tf does the same."""
    topics = {topic for one in contents if isinstance(one["publishes"], list) for topic in one["publishes"]}
    heard = {one["trigger"]["topic"] for one in contents if "topic" in one["trigger"]}
    workers = [one for one in contents if "queue" in one["trigger"]]
    queues = sorted({one["trigger"]["queue"] for one in workers})
    chores = sorted({one["trigger"]["queue"] for one in workers if "chore" in one})
    return {"publishes": {"all": tuple(sorted(topics | heard))}, "enqueues": {"all": tuple(queues), "chores": tuple(chores)}}


def _checked(path: Path) -> dict[str, Any]:
    """What is in this file, which keeps to the schema and does not contradict itself."""
    content = _parsed(path)
    mistakes = list(_schema_mistakes(content)) or list(_contradictions(content))
    if mistakes:
        raise InvalidManifest("\n".join(f"{_shown(path)}: {one}" for one in mistakes))
    return content


def _parsed(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)
    except yaml.YAMLError as error:
        raise InvalidManifest(f"{_shown(path)}: not YAML: {error}") from error
    if not isinstance(content, dict):
        raise InvalidManifest(f"{_shown(path)}: must be a mapping of fields")
    return content


def _manifest(name: str, content: Mapping[str, Any], meanings: Meanings) -> Manifest:
    words = {listed: content[listed] for listed in meanings if isinstance(content[listed], str)}
    meant = {listed: meanings[listed][word] for listed, word in words.items()}
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in content.items()} | meant
    [(kind, value)] = content["trigger"].items()
    fields["trigger"] = Trigger(TriggerKind(kind), value)
    fields |= {"retry": Retry(**content["retry"])} if "retry" in content else {}
    return Manifest(name=name, words=words, **fields)


def _schema_mistakes(content: dict[str, Any]) -> Iterator[str]:
    for error in sorted(_validator().iter_errors(content), key=lambda one: one.json_path):
        where = error.json_path.removeprefix("$").lstrip(".")
        yield f"{where}: {error.message}" if where else error.message


def _contradictions(content: dict[str, Any]) -> Iterator[str]:
    """What each field allows by itself but not together with the others."""
    [(kind, value)] = content["trigger"].items()
    yield from _retry_mistakes(kind, content.get("retry"))
    if "chore" in content and kind != TriggerKind.QUEUE:
        yield f"chore: the rounds fill a queue, and this one is triggered by {kind}"
    if content["cpu"] < 1 and content["concurrency"] > 1:
        yield "concurrency: must be 1 when cpu is below 1"
    yield from _missing_roles(content)
    if kind == TriggerKind.SCHEDULE:
        yield from _schedule_mistakes(value)


def _retry_mistakes(kind: str, retry: Mapping[str, int] | None) -> Iterator[str]:
    if (retry is None) == (kind in REDELIVERED):
        yield f"retry: {_not_redelivered(kind)}" if retry is not None else f"retry: says how the {kind} delivers again"
    if retry is None:
        return
    if retry["min_backoff_s"] > retry["max_backoff_s"]:
        yield "retry.min_backoff_s: is longer than max_backoff_s"
    if kind == TriggerKind.TOPIC and "max_attempts" not in retry:
        yield "retry.max_attempts: a subscription hands over to dead letters after some number of attempts"
    if kind == TriggerKind.DEAD_LETTERS and "max_attempts" in retry:
        yield "retry.max_attempts: nobody stands behind the dead letters, their subscription never gives up"


def _not_redelivered(kind: str) -> str:
    return f"a function triggered by {kind} is not redelivered"


def _missing_roles(content: dict[str, Any]) -> Iterator[str]:
    """What a manifest lists is granted topic by topic and queue by queue, but only to who has the role."""
    for listed, roles in NEEDED_ROLES.items():
        for role in roles:
            if content[listed] and role not in content["roles"]:
                yield f"roles: {listed} needs {role}"


def _schedule_mistakes(expression: str) -> Iterator[str]:
    try:
        CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        yield f"trigger.schedule: {error}"


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


class _UniqueKeys(yaml.SafeLoader):
    """A key given twice is a mistake, not an override."""


def _mapping_of_unique_keys(loader: _UniqueKeys, node: yaml.MappingNode) -> dict[Hashable, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    repeated = sorted({str(key) for key in keys if keys.count(key) > 1})
    if repeated:
        raise yaml.constructor.ConstructorError(problem=f"given twice: {', '.join(repeated)}", problem_mark=node.start_mark)
    return loader.construct_mapping(node, deep=True)


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_of_unique_keys)

"""A Terraform plan as data, what the manifests want of it, and where the two differ; for the tests in this folder."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.manifests import ROOT, Manifest, TriggerKind
from infra.provision import DEAD_LETTERS
from shared.domain.outbox import address_of
from shared.runtime.settings import load_settings

PROJECT, NUMBER, REGION, LOCATION = "acme-sales-dev", "123456789012", "europe-west4", "eur3"
MOUNTED = {"OPENAI_API_KEY": "openai-api-key"}
BASE = f"https://{REGION}-{PROJECT}.cloudfunctions.net"
AT = f"{PROJECT}.iam.gserviceaccount.com"
INVOKER, BUILDER, DELEGATE = f"invoker@{AT}", f"function-builder@{AT}", f"delegate@{AT}"
PUBSUB_AGENT = f"service-{NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com"
VAULT = f"{PROJECT}-audit"
VAULT_ROLES = {"storage.objectCreator", "storage.objectViewer"}
NARROW = {"pubsub.publisher", "cloudtasks.enqueuer", "iam.serviceAccountUser", *VAULT_ROLES}
VENDORS = {"gmail.googleapis.com", "calendar-json.googleapis.com", "drive.googleapis.com"}
PLATFORM = {"cloudbuild", "cloudresourcemanager", "iamcredentials", "logging", "run", "serviceusage"}
API_OF = {
    "artifact": "artifactregistry",
    "cloud_run": "run",
    "cloud_scheduler": "cloudscheduler",
    "cloud_tasks": "cloudtasks",
    "cloudfunctions2": "cloudfunctions",
    "firestore": "firestore",
    "project": "cloudresourcemanager",
    "pubsub": "pubsub",
    "secret": "secretmanager",
    "service_account": "iam",
    "storage": "storage",
}
"""How a resource's type begins behind google_, and the API that makes such things."""
TARGETS = ("bucket", "topic", "subscription", "name", "service", "secret_id", "service_account_id", "repository", "project")


@dataclass(frozen=True)
class Resource:
    """Values that only the cloud knows are missing."""

    address: str
    type: str
    values: Mapping[str, Any]

    @property
    def is_grant(self) -> bool:
        return "_iam_" in self.type


Grant = tuple[str, str, str, str]
"""What kind of thing, which one, role, member; a condition is part of which one."""


class Plan(tuple[Resource, ...]):
    """All resources of a plan."""

    def of(self, type: str) -> list[Mapping[str, Any]]:
        return [one.values for one in self if one.type == type]

    def named(self, type: str, key: str = "name") -> dict[str, Mapping[str, Any]]:
        return {values[key]: values for values in self.of(type)}

    def without(self, address: str) -> "Plan":
        return Plan(one for one in self if one.address != address)

    @property
    def grants(self) -> list[Grant]:
        return [_grant(one) for one in self if one.is_grant]


def read_plan(content: str) -> Plan:
    """In the order of their addresses: Terraform's own changes from run to run."""
    return Plan(sorted(_resources(json.loads(content)["planned_values"]["root_module"]), key=lambda one: one.address))


def _resources(module: Mapping[str, Any]) -> Iterator[Resource]:
    for one in module.get("resources", []):
        if one["mode"] == "managed":
            yield Resource(one["address"], one["type"], one["values"])
    for child in module.get("child_modules", []):
        yield from _resources(child)


def _grant(one: Resource) -> Grant:
    kind = one.type.removeprefix("google_").partition("_iam_")[0]
    target = next(str(one.values[key]) for key in TARGETS if key in one.values)
    conditions = [condition["expression"] for condition in one.values.get("condition", [])]
    return kind, " if ".join([target.rpartition("/")[2], *conditions]), one.values["role"], one.values["member"]


def account_of(manifest: Manifest) -> str:
    return f"serviceAccount:fn{address_of(manifest.name).replace('/', '-')}@{AT}"


def kebab(manifest: Manifest) -> str:
    return address_of(manifest.name).removeprefix("/")


# What the manifests want.
def wanted_grants(manifests: Mapping[str, Manifest]) -> Iterator[Grant]:
    for one in manifests.values():
        yield "cloud_run_service", kebab(one), "roles/run.invoker", "allUsers" if one.trigger.public else f"serviceAccount:{INVOKER}"
        yield from ((*where, account_of(one)) for where in _granted_by(one))
        if one.trigger.kind is TriggerKind.TOPIC:
            yield "pubsub_subscription", f"{one.trigger.value}--{one.name}", "roles/pubsub.subscriber", f"serviceAccount:{PUBSUB_AGENT}"
    yield "pubsub_topic", DEAD_LETTERS, "roles/pubsub.publisher", f"serviceAccount:{PUBSUB_AGENT}"
    yield "service_account", INVOKER, "roles/iam.serviceAccountTokenCreator", f"serviceAccount:{PUBSUB_AGENT}"
    yield "artifact_registry_repository", "functions", "roles/artifactregistry.writer", f"serviceAccount:{BUILDER}"
    yield "project", PROJECT, "roles/logging.logWriter", f"serviceAccount:{BUILDER}"
    sources = f'resource.name.startsWith("projects/_/buckets/gcf-v2-sources-{NUMBER}-")'
    yield "project", f"{PROJECT} if {sources}", "roles/storage.objectViewer", f"serviceAccount:{BUILDER}"


def _granted_by(one: Manifest) -> Iterator[tuple[str, str, str]]:
    """Project-wide only where Google has nothing finer."""
    yield from (("project", PROJECT, f"roles/{role}") for role in one.roles if role not in NARROW)
    if "pubsub.publisher" in one.roles:
        yield from (("pubsub_topic", topic, "roles/pubsub.publisher") for topic in one.publishes)
    if "cloudtasks.enqueuer" in one.roles:
        yield from (("cloud_tasks_queue", queue, "roles/cloudtasks.enqueuer") for queue in one.enqueues)
    if "iam.serviceAccountUser" in one.roles:
        yield "service_account", INVOKER, "roles/iam.serviceAccountUser"
    if "google-refresh-token-*" in one.secrets:
        yield "service_account", DELEGATE, "roles/iam.serviceAccountTokenCreator"
    yield from (("storage_bucket", VAULT, f"roles/{role}") for role in one.roles if role in VAULT_ROLES)
    for secret in one.secrets:
        if secret.endswith("*"):
            names = f'resource.name.startsWith("projects/{NUMBER}/secrets/{secret.removesuffix("*")}")'
            yield "project", f"{PROJECT} if {names}", "roles/secretmanager.secretAccessor"
        else:
            yield "secret_manager_secret", secret, "roles/secretmanager.secretAccessor"
    for kept in one.keeps:
        names = f'resource.name.startsWith("projects/{NUMBER}/secrets/{kept.removesuffix("*")}")'
        yield "project", f"{PROJECT} if {names}", "roles/secretmanager.secretVersionManager"


def subscriptions(plan: Plan) -> dict[str, dict[str, Any]]:
    """What a subscription does, in the words infra.provision's tests use too."""
    return {
        name: {
            "topic": one["topic"].rpartition("/")[2],
            "endpoint": one["push_config"][0]["push_endpoint"],
            "audience": one["push_config"][0]["oidc_token"][0]["audience"],
            "invoker": one["push_config"][0]["oidc_token"][0]["service_account_email"],
            "ack_deadline_s": one["ack_deadline_seconds"],
            "backoff": (one["retry_policy"][0]["minimum_backoff"], one["retry_policy"][0]["maximum_backoff"]),
            "dead_letters": [
                (gone["dead_letter_topic"].rpartition("/")[2], gone["max_delivery_attempts"]) for gone in one["dead_letter_policy"]
            ],
        }
        for name, one in plan.named("google_pubsub_subscription").items()
    }


def queues(plan: Plan) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "concurrency": one["rate_limits"][0]["max_concurrent_dispatches"],
            "backoff": (one["retry_config"][0]["min_backoff"], one["retry_config"][0]["max_backoff"]),
            "max_attempts": one["retry_config"][0]["max_attempts"],
        }
        for name, one in plan.named("google_cloud_tasks_queue").items()
    }


def jobs(plan: Plan) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "schedule": one["schedule"],
            "time_zone": one["time_zone"],
            "deadline": one["attempt_deadline"],
            "retries": one["retry_config"][0]["retry_count"],
            "endpoint": one["http_target"][0]["uri"],
            "method": one["http_target"][0]["http_method"],
            "audience": one["http_target"][0]["oidc_token"][0]["audience"],
            "invoker": one["http_target"][0]["oidc_token"][0]["service_account_email"],
        }
        for name, one in plan.named("google_cloud_scheduler_job").items()
    }


# Where plan and manifests differ: one sentence per mistake.
def mistakes(plan: Plan, manifests: Mapping[str, Manifest], bundles: Mapping[str, str]) -> list[str]:
    return [
        *_mistakes_of_functions(plan, manifests, bundles),
        *_mistakes_of_grants(plan, manifests),
        *_mistakes_of_deliveries(plan, manifests),
        *_mistakes_of_services(plan),
        *_mistakes_of_storage(plan, manifests, bundles),
        *_mistakes_of_indexes(plan, json.loads((ROOT / "infra/firestore.indexes.json").read_text())),
        *(f"{one.address} has no labels" for one in plan if "labels" in one.values and not one.values["labels"]),
    ]


def differ(what: str, found: Any, wanted: Any) -> Iterator[str]:
    if found != wanted:
        yield f"{what}: {found!r} instead of {wanted!r}"


def _mistakes_of_functions(plan: Plan, manifests: Mapping[str, Manifest], bundles: Mapping[str, str]) -> Iterator[str]:
    functions = plan.named("google_cloudfunctions2_function")
    yield from differ("functions", set(functions), {kebab(one) for one in manifests.values()})
    for one in manifests.values():
        if kebab(one) in functions:
            found = functions[kebab(one)]
            yield from differ(one.name, shape_of(found), wanted_shape(one, bundles))
            yield from differ(f"{one.name}'s settings", _settings_of(found), _wanted_settings(one))
    accounts = {f"serviceAccount:{values['account_id']}@{AT}" for values in plan.of("google_service_account")}
    yield from differ(
        "accounts", accounts, {*(f"serviceAccount:{one}" for one in (INVOKER, BUILDER, DELEGATE)), *map(account_of, manifests.values())}
    )


def shape_of(function: Mapping[str, Any]) -> dict[str, Any]:
    build, service = function["build_config"][0], function["service_config"][0]
    source = build["source"][0]["storage_source"][0]
    return {
        "runtime": build["runtime"],
        "entry point": build["entry_point"],
        "source": (source["bucket"], source["object"]),
        "builder": build["service_account"].rpartition("/")[2],
        "account": "serviceAccount:" + service["service_account_email"],
        "size": (service["available_cpu"], service["available_memory"], service["timeout_seconds"]),
        "concurrency": service["max_instance_request_concurrency"],
        "threads": service["environment_variables"].get("THREADS"),
        "instances": (service["min_instance_count"], service["max_instance_count"]),
        "ingress": service["ingress_settings"],
        "secrets": {(one["key"], one["secret"], one["version"]) for one in service["secret_environment_variables"]},
    }


def wanted_shape(one: Manifest, bundles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "runtime": "python311",
        "entry point": one.name,
        "source": (f"{PROJECT}-bundles", bundles[one.name]),
        "builder": BUILDER,
        "account": account_of(one),
        "size": (f"{one.cpu:g}", f"{one.memory_mb}Mi", one.timeout_s),
        "concurrency": one.concurrency,
        "threads": str(one.concurrency),
        "instances": (0, 5),
        "ingress": "ALLOW_ALL",
        "secrets": {(variable, secret, "latest") for variable, secret in MOUNTED.items() if secret in one.secrets},
    }


def _settings_of(function: Mapping[str, Any]) -> dict[str, Any]:
    """Read as the function reads them when it starts: an unknown or invalid variable raises."""
    settings = load_settings(function["service_config"][0]["environment_variables"])
    wanted = (
        "audit_bucket",
        "audit_retention_days",
        "environment",
        "google_cloud_project",
        "region",
        "functions_url",
        "public_url",
        "invoker_email",
        "verify_token_signature",
    )
    return {field: getattr(settings, field) for field in wanted}


def _wanted_settings(one: Manifest) -> dict[str, Any]:
    return {
        "audit_bucket": VAULT,
        "audit_retention_days": 365,
        "environment": "dev",
        "google_cloud_project": PROJECT,
        "region": REGION,
        "functions_url": BASE,
        "public_url": BASE,
        "invoker_email": INVOKER,
        "verify_token_signature": one.trigger.public,
    }


def _mistakes_of_grants(plan: Plan, manifests: Mapping[str, Manifest]) -> Iterator[str]:
    wanted = list(wanted_grants(manifests))
    yield from (f"not granted: {one}" for one in sorted(set(wanted) - set(plan.grants)))
    yield from (f"granted, and nothing asks for it: {one}" for one in sorted(set(plan.grants) - set(wanted)))
    if [one.address for one in plan if re.search(r"_iam_(binding|policy)$", one.type)]:
        yield "a binding or policy takes away what others granted"


def _mistakes_of_deliveries(plan: Plan, manifests: Mapping[str, Manifest]) -> Iterator[str]:
    triggers = {(one.trigger.kind, one.trigger.value) for one in manifests.values()}
    topics = {topic for one in manifests.values() for topic in one.publishes}
    heard = {value for kind, value in triggers if kind is TriggerKind.TOPIC}
    yield from differ("topics", set(plan.named("google_pubsub_topic")), topics | heard | {DEAD_LETTERS})
    yield from differ("queues", set(queues(plan)), {value for kind, value in triggers if kind is TriggerKind.QUEUE})
    on_time = {kebab(one) for one in manifests.values() if one.trigger.kind is TriggerKind.SCHEDULE}  # several may share a schedule
    yield from differ("jobs", set(jobs(plan)), on_time)
    listening = {f"{one.trigger.value}--{one.name}" for one in manifests.values() if one.trigger.kind is TriggerKind.TOPIC}
    listening |= {f"{DEAD_LETTERS}--{one.name}" for one in manifests.values() if one.trigger.kind is TriggerKind.DEAD_LETTERS}
    yield from differ("subscriptions", set(subscriptions(plan)), listening)
    for name, one in subscriptions(plan).items():
        yield from differ(f"{name} is signed for", (one["audience"], one["invoker"]), (one["endpoint"], INVOKER))
        yield from differ(f"dead letters of {name}", len(one["dead_letters"]), 0 if name.startswith(DEAD_LETTERS) else 1)
    for name, values in plan.named("google_pubsub_subscription").items():
        kept = (values["expiration_policy"][0]["ttl"], values["message_retention_duration"])
        yield from differ(f"{name} expires", kept, ("", "604800s"))


def _mistakes_of_services(plan: Plan) -> Iterator[str]:
    enabled = {values["service"] for values in plan.of("google_project_service")}
    needed = {f"{api}.googleapis.com" for api in PLATFORM} | VENDORS
    for one in plan:
        apis = [api for prefix, api in API_OF.items() if one.type.startswith(f"google_{prefix}")]
        needed |= {f"{api}.googleapis.com" for api in apis}
        if not apis:
            yield f"which API makes {one.type}? say so in API_OF"
    yield from differ("APIs", enabled, needed)
    yield from differ(
        "service agents", [values["service"] for values in plan.of("google_project_service_identity")], ["pubsub.googleapis.com"]
    )


def _mistakes_of_storage(plan: Plan, manifests: Mapping[str, Manifest], bundles: Mapping[str, str]) -> Iterator[str]:
    named = {secret for one in manifests.values() for secret in one.secrets if not secret.endswith("*")}
    yield from differ("secrets", set(plan.named("google_secret_manager_secret", "secret_id")), named)
    yield from differ("bundles", {values["name"] for values in plan.of("google_storage_bucket_object")}, set(bundles.values()))
    yield from differ("repositories", list(plan.named("google_artifact_registry_repository", "repository_id")), ["functions"])
    buckets = plan.named("google_storage_bucket")
    yield from differ("buckets", set(buckets), {f"{PROJECT}-bundles", VAULT})
    for name, bucket in buckets.items():
        yield from differ(f"{name} is", (bucket["uniform_bucket_level_access"], bucket["public_access_prevention"]), (True, "enforced"))
        policies = [(one["is_locked"], int(one["retention_period"])) for one in bucket.get("retention_policy", [])]
        yield from differ(f"{name} is locked", policies, [(True, 400 * 86_400)] if name == VAULT else [])
        versions = [one["enabled"] for one in bucket.get("versioning", [])]
        yield from differ(f"{name} keeps versions", versions, [] if name == VAULT else [True])
    databases = [(values["name"], values["type"], values["location_id"]) for values in plan.of("google_firestore_database")]
    yield from differ("databases", databases, [("(default)", "FIRESTORE_NATIVE", LOCATION)])


def _mistakes_of_indexes(plan: Plan, declared: Mapping[str, Any]) -> Iterator[str]:
    yield from differ("indexes", indexes(plan), sorted(map(_declared_index, declared["indexes"])))
    yield from differ("field overrides", fields(plan), sorted(map(_declared_field, declared.get("fieldOverrides", []))))


def indexes(plan: Plan) -> list[tuple[Any, ...]]:
    return sorted(
        (one["collection"], one["query_scope"], tuple((field["field_path"], _planned_mode(field)) for field in one["fields"]))
        for one in plan.of("google_firestore_index")
    )


def _planned_mode(field: Mapping[str, Any]) -> str:
    vector = [f"vector {one['dimension']} flat" for one in field.get("vector_config", []) if one["flat"]]
    return str(field.get("order") or field.get("array_config") or "".join(vector))


def _declared_index(one: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        one["collectionGroup"],
        one.get("queryScope", "COLLECTION"),
        tuple((field["fieldPath"], _declared_mode(field)) for field in one["fields"]),
    )


def _declared_mode(field: Mapping[str, Any]) -> str:
    vector = field.get("vectorConfig", {})
    return str(field.get("order") or field.get("arrayConfig") or f"vector {vector['dimension']} flat")


def fields(plan: Plan) -> list[tuple[Any, ...]]:
    return sorted(
        (
            one["collection"],
            one["field"],
            bool(one["ttl_config"]),
            [
                sorted((mode["query_scope"], mode["order"] or mode["array_config"]) for mode in config["indexes"])
                for config in one["index_config"]
            ],
        )
        for one in plan.of("google_firestore_field")
    )


def _declared_field(one: Mapping[str, Any]) -> tuple[Any, ...]:
    """No list of indexes leaves the automatic ones; an empty list is a wish to have none."""
    listed = [one["indexes"]] if "indexes" in one else []
    modes = [
        sorted((mode.get("queryScope", "COLLECTION"), mode.get("order") or mode.get("arrayConfig")) for mode in some) for some in listed
    ]
    return one["collectionGroup"], one["fieldPath"], one.get("ttl", False), modes

"""The composition root: which adapter stands behind which name. Everything is imported and built on first use."""

import importlib
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.runtime.endpoints import Endpoints


@dataclass(frozen=True)
class Entry:
    """`target` is called with keyword arguments; `arguments` says which registry entry fills which.

    Those in `later` are built when they are first used, because most calls end without them.
    """

    target: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    later: frozenset[str] = frozenset()

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(self.arguments.values())


def entry(target: str, *needs: str, later: Iterable[str] = (), **renamed: str) -> Entry:
    """Most arguments are named like the entry that fills them; the others are given as `argument=entry`."""
    return Entry(target, {name: name for name in (*needs, *later)} | renamed, frozenset(later))


class Later:
    """Stands where an adapter will be, until somebody asks it for something."""

    def __init__(self, resolve: Callable[[], Any]) -> None:
        self._resolve = resolve

    def __getattr__(self, name: str) -> Any:
        return getattr(self._resolve(), name)

    def __call__(self, *args: Any) -> Any:
        return self._resolve()(*args)


REGISTRY: dict[str, Entry] = {
    # runtime
    "settings": entry("shared.runtime.settings:settings_from_environment"),
    "clock": entry("shared.runtime.clock:clock_for", "settings"),
    "ids": entry("shared.runtime.clock:RandomIds"),
    "log": entry("shared.runtime.logging:log_for", "settings"),
    "alerts": entry("shared.runtime.alerts:LoggedAlerts", "log"),
    "links": entry("shared.runtime.links:SealedLinks", "settings", secrets="link_secrets"),
    "link_secrets": entry("shared.runtime.link_secrets:SparingSecrets", "secrets", "clock"),
    "stationery": entry("shared.stages.drafting.stationery:Stationery", later=("links",)),
    "outbox": entry("shared.runtime.outbox:OutboxPublisher", "store", "log", later=("bus", "tasks")),
    "audit": entry("shared.stages.audit.trail:AuditTrail", "store", "clock", "ids"),
    "audit_keys": entry("shared.stages.audit.keys:AuditKeys", "secrets"),
    "suppressions": entry("shared.stages.policy.suppressions:Suppressions", "store", "secrets", "clock", "audit"),
    "policies": entry("shared.stages.policy.policies:Policies", "store", "outbox", "clock", "audit"),
    "desk": entry(
        "shared.stages.deciding.desk:Desk",
        *("store", "outbox", "clock", "mailbox", "suppressions", "audit", "settings"),
        later=("files",),
    ),
    "letter_box": entry("shared.stages.deciding.dead_letters:LetterBox", "store", "clock", "audit"),
    "carrier_desk": entry(
        "shared.stages.deciding.desk:Desk",
        "store",
        "outbox",
        "clock",
        "suppressions",
        "audit",
        "settings",
        mailbox="closed_mailbox",
        files="closed_files",
    ),
    "wire": entry("shared.stages.sending.leaving:Wire", "desk", "ids", "ways_out"),
    "teller": entry("shared.stages.telling.teller:Teller", "store", "outbox", "clock", "ids", "boards", "settings"),
    "noticing": entry("shared.stages.telling.settling:Noticing", "store", "clock", "ids", "audit", "settings", "boards"),
    "considerer": entry("shared.stages.deciding.considering:Considerer", "desk", "ids"),
    "linking": entry(
        "shared.stages.connecting.linking:Linking",
        "store",
        "clock",
        "ids",
        "safe",
        "audit",
        "google_consents",
        "hubspot_consents",
        later=("outbox", "delegations"),
    ),
    "registry": entry("shared.stages.connecting.creating:Registry", "store", "secrets", "safe", "clock", "ids", "audit"),
    "failures": entry("shared.stages.drafting.failures:FailureBook", "store", "clock"),
    "callers": entry("shared.runtime.api_callers:ApiCallers", "settings", "store", "clock", later=("google_identities",)),
    "repeats": entry("shared.resilience.repeats:Repeats", "store", "clock"),
    "local_sign_in": entry("shared.runtime.local_sign_in:LocalSignIn", "settings", "clock", "ids"),
    "operator_sign_in": entry(
        "shared.runtime.operator_sign_in:OperatorSignIn", "settings", "store", later=("iap_assertions", "local_sign_in")
    ),
    # Google Cloud
    "store": entry("shared.gcp.firestore:FirestoreStore", "settings", "clock", "ids"),
    "bus": entry("shared.gcp.pubsub:PubSubBus", "settings", "clock", "ids"),
    "tasks": entry("shared.gcp.cloud_tasks:CloudTasks", "settings", "clock", "ids"),
    "secrets": entry("shared.gcp.secret_manager:SecretManager", "settings", "clock", "ids"),
    "safe": entry("shared.gcp.secret_safe:SecretManagerSafe", "settings", "clock", "ids"),
    "signer": entry("shared.gcp.iam_credentials:KeylessSigner", "settings", "clock", "ids"),
    "vault": entry("shared.gcp.locked_bucket:LockedBucket", "settings", "clock", "ids"),
    "identity-token": entry("shared.gcp.oidc:IdentityTokens", "settings", "clock"),
    "google_identities": entry("shared.gcp.oidc:GoogleIdentities", "settings", "clock"),
    "iap_assertions": entry("shared.gcp.iap:ProxyAssertions", "settings", "clock"),
    # vendors
    "hubspot-signature": entry("shared.connectors.hubspot.webhook_intake:HubSpotSignature", "settings", "secrets", "clock"),
    "hubspot-webhook": entry("shared.connectors.hubspot.webhook_intake:HubSpotWebhook", "clock"),
    "front_door": entry("shared.connectors.hubspot.front_door:HubSpotFrontDoor", "settings", "secrets", "clock", "ids"),
    "crm": entry("shared.connectors.hubspot.opening:hubspot_crms", "settings", "secrets", "store", "clock", "ids"),
    "hubspot_consents": entry("shared.connectors.hubspot.consents:HubSpotConsents", "settings", "secrets", "clock"),
    "google_consents": entry(
        "shared.connectors.google_oauth.consents:GoogleConsents", "settings", "secrets", "store", "clock", "ids", later=("signer",)
    ),
    "delegations": entry("shared.connectors.google_oauth.delegation:GoogleDelegations", later=("signer",)),
    "google_accounts": entry(
        "shared.connectors.google_oauth.accounts:GoogleAccounts", "settings", "secrets", "store", "clock", "ids", later=("signer",)
    ),
    "mailbox": entry("shared.connectors.gmail.opening:gmail_mailboxes", "settings", "google_accounts", "clock"),
    "ways_out": entry("shared.runtime.ways_out:ChosenWay", "gmail_way", later=("smtp_way", "sendgrid_way")),
    "gmail_way": entry("shared.connectors.gmail.way_out:GmailWays", "mailbox"),
    "smtp_way": entry("shared.connectors.smtp.adapter:SmtpWays", "settings", "secrets", "store", "clock", "ids"),
    "sendgrid_way": entry("shared.connectors.sendgrid.adapter:SendGridWays", "settings", "secrets", "store", "clock", "ids"),
    "sendgrid-signature": entry("shared.connectors.sendgrid.signature:SendGridSignature", "store", "clock"),
    "sendgrid-events": entry("shared.connectors.sendgrid.events:SendGridEvents"),
    "boards": entry("shared.runtime.noticeboards:ChosenBoard", later=("slack_boards", "mail_boards")),
    "slack_boards": entry("shared.connectors.slack.adapter:SlackBoards", "settings", "secrets", "store", "clock", "ids"),
    "mail_boards": entry("shared.connectors.gmail.noticeboard:GmailBoards", "google_accounts"),
    "closed_mailbox": entry("shared.runtime.closed_mailbox:closed_mailboxes"),
    "closed_files": entry("shared.runtime.closed_mailbox:closed_files"),
    "calendar": entry("shared.connectors.calendar.opening:google_calendars", "google_accounts"),
    "files": entry("shared.connectors.drive.opening:drive_files", "google_accounts"),
    "language_model": entry("shared.connectors.openai.adapter:language_model", "settings", "store", "clock", "ids"),
    "built_in_writer": entry("shared.connectors.builtin.writer:BuiltInWriter"),
    "built_in_embedder": entry("shared.connectors.builtin.embedder:HashingEmbedder"),
    "model": entry(
        "shared.runtime.model_gateway:ModelGateway", "store", "clock", "ids", primary="language_model", fallback="built_in_writer"
    ),
    "embedder": entry("shared.connectors.openai.adapter:embedder", "settings", "store", "clock", "ids", fallback="built_in_embedder"),
    # agents
    "trigger": entry("shared.agents.trigger.agent:FormTrigger", "crm", "clock"),
    "identity_resolver": entry("shared.agents.identity_resolver.agent:CrmIdentityResolver", "crm"),
    "thread_reader": entry("shared.agents.thread_reader.agent:MailThreadReader", "mailbox"),
    "long_memory": entry("shared.agents.long_memory.agent:MailMemory", "mailbox", "store", "embedder"),
    "asset_hunter": entry("shared.agents.asset_hunter.agent:DriveAssetHunter", "store", "embedder"),
    "meeting_slot": entry("shared.agents.meeting_slot.agent:FreeBusySlots", "calendar"),
    "next_step_planner": entry("shared.agents.next_step_planner.agent:RulePlanner"),
    "draft_writer": entry("shared.agents.draft_writer.agent:DraftWriter", "model"),
    "quality_gate": entry("shared.agents.quality_gate.agent:DeterministicGate"),
    "crm_hygiene": entry("shared.agents.crm_hygiene.agent:HubSpotHygiene"),
}

Interposer = Callable[[str, Any], Any]


class Ports:
    """Adapters by name, one of each per process: `ports.store`, `ports.resolve("hubspot-signature")`."""

    def __init__(self, registry: Mapping[str, Entry] = REGISTRY) -> None:
        self._registry = registry
        self._built: dict[str, Any] = {}
        self._lock = threading.RLock()
        self._interpose: Interposer = lambda _, adapter: adapter

    def resolve(self, name: str) -> Any:
        """The adapter behind a name; KeyError for a name the registry does not have."""
        built = self._built.get(name)
        if built is not None or name in self._built:
            return built
        with self._lock:
            if name not in self._built:
                self._built[name] = self._interpose(name, self._build(self._registry[name]))
            return self._built[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._registry:
            raise AttributeError(name)
        return self.resolve(name)

    def interpose(self, interposer: Interposer) -> None:
        """Let every adapter built from now on pass through `interposer(name, adapter)`; for suites that observe or break calls."""
        with self._lock:
            self._built.clear()
            self._interpose = interposer

    def _build(self, wanted: Entry) -> Any:
        module, _, attribute = wanted.target.partition(":")
        made = getattr(importlib.import_module(module), attribute)
        return made(**{argument: self._given(name, wanted) for argument, name in wanted.arguments.items()})

    def _given(self, name: str, wanted: Entry) -> Any:
        return Later(lambda: self.resolve(name)) if name in wanted.later else self.resolve(name)


ports = Ports()
_endpoints = Endpoints(ports)
http_endpoint = _endpoints.http_endpoint
page_endpoint = _endpoints.page_endpoint
on_message = _endpoints.on_message
on_task = _endpoints.on_task
on_schedule = _endpoints.on_schedule

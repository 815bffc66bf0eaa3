"""Every RPC as a method on raw protobufs, without gRPC: the front in `routes` and in-process tests call the engine."""

import hashlib
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from google.cloud.secretmanager_v1 import types
from google.protobuf.json_format import MessageToJson
from google.protobuf.timestamp_pb2 import Timestamp

from emulators.paging import page
from emulators.secretmanager.crc32c import crc32c
from emulators.secretmanager.errors import FailedPrecondition, InvalidArgument
from emulators.secretmanager.filters import compiled
from emulators.secretmanager.state import LATEST, Pb, Secret, SecretPb, SecretState, Version, VersionPb

SECRET_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
ALIAS = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
LARGEST_PAYLOAD_BYTES = 64 * 1024
LARGEST_PAGE = 25_000
UPDATABLE = {"labels", "annotations", "version_aliases", "topics", "rotation", "expire_time", "ttl", "version_destroy_ttl"}
ListSecretsResponse: Any = types.ListSecretsResponse.pb()
ListSecretVersionsResponse: Any = types.ListSecretVersionsResponse.pb()
AccessSecretVersionResponse: Any = types.AccessSecretVersionResponse.pb()
EVENTS = {
    VersionPb.ENABLED: "SECRET_VERSION_ENABLE",
    VersionPb.DISABLED: "SECRET_VERSION_DISABLE",
    VersionPb.DESTROYED: "SECRET_VERSION_DESTROY",
}
Publish = Callable[[str, bytes, Mapping[str, str]], object]
"""(topic, data, attributes): how notifications reach Pub/Sub."""


class Engine:
    """One Secret Manager, thread-safe. `now` is the suite's clock; refusals are SecretManagerErrors."""

    def __init__(self, now: Callable[[], datetime], publish: Publish | None = None) -> None:
        self._now, self._publish = now, publish or _nobody_listens
        self.lock = threading.RLock()
        self.stored = SecretState()

    # Secrets
    def create_secret(self, request: Pb) -> Pb:
        if not SECRET_ID.fullmatch(request.secret_id):
            raise InvalidArgument(f"The provided Secret ID [{request.secret_id}] does not match the expected format [{SECRET_ID.pattern}]")
        if request.secret.replication.WhichOneof("replication") is None:
            raise InvalidArgument("The replication field is required.")
        secret = SecretPb()
        secret.CopyFrom(request.secret)
        secret.name = f"{request.parent}/secrets/{request.secret_id}"
        secret.create_time.CopyFrom(self._timestamp())
        if secret.WhichOneof("expiration") == "ttl":
            secret.expire_time.FromNanoseconds(secret.create_time.ToNanoseconds() + secret.ttl.ToNanoseconds())
        _check_aliases(secret, 0)
        with self.lock:
            self._state().add(Secret(_tagged(secret)))
            self._tell(secret, "SECRET_CREATE")
        return secret

    def get_secret(self, request: Pb) -> Pb:
        with self.lock:
            return self._state().secret(request.name).secret

    def update_secret(self, request: Pb) -> Pb:
        unknown = set(request.update_mask.paths) - UPDATABLE
        if unknown or not request.update_mask.paths:
            raise InvalidArgument(f"The update mask must name some of {sorted(UPDATABLE)}, not {sorted(unknown)}.")
        with self.lock:
            stored = self._state().secret(request.secret.name)
            _check_etag(stored.secret, request.secret.etag)
            secret = SecretPb()
            secret.CopyFrom(stored.secret)
            for name in request.update_mask.paths:
                secret.ClearField(name)
            request.update_mask.MergeMessage(request.secret, secret)
            _check_aliases(secret, len(stored.versions))
            if secret.WhichOneof("expiration") == "ttl":
                secret.expire_time.FromNanoseconds(self._timestamp().ToNanoseconds() + secret.ttl.ToNanoseconds())
            stored.secret = _tagged(secret)
            self._tell(secret, "SECRET_UPDATE")
        return secret

    def list_secrets(self, request: Pb) -> Pb:
        with self.lock:
            wanted = compiled(request.filter)
            found = [secret for secret in self._state().under(request.parent) if wanted(secret.secret)]
        shown, token = _page(found, request)
        return ListSecretsResponse(secrets=[secret.secret for secret in shown], next_page_token=token, total_size=len(found))

    def delete_secret(self, request: Pb) -> None:
        with self.lock:
            secret = self._state().secret(request.name).secret
            _check_etag(secret, request.etag)
            self.stored.delete(request.name)
            self._tell(secret, "SECRET_DELETE")

    # Versions
    def add_secret_version(self, request: Pb) -> Pb:
        _check_payload(request.payload)
        with self.lock:
            secret = self._state().secret(request.parent)
            version = VersionPb(name=f"{secret.name}/versions/{len(secret.versions) + 1}", state=VersionPb.ENABLED)
            version.create_time.CopyFrom(self._timestamp())
            version.client_specified_payload_checksum = request.payload.HasField("data_crc32c")
            version.replication_status.automatic.SetInParent()
            secret.versions.append(Version(_tagged(version), bytes(request.payload.data)))
            self._tell(secret.secret, "SECRET_VERSION_ADD", version)
        return version

    def access_secret_version(self, request: Pb) -> Pb:
        with self.lock:
            found = self._state().version(request.name)
            if found.version.state != VersionPb.ENABLED:
                raise FailedPrecondition(f"Secret Version [{found.name}] is in {VersionPb.State.Name(found.version.state)} state.")
            payload = {"data": found.data, "data_crc32c": crc32c(found.data)}
            return AccessSecretVersionResponse(name=found.name, payload=payload)

    def get_secret_version(self, request: Pb) -> Pb:
        with self.lock:
            return self._state().version(request.name).version

    def list_secret_versions(self, request: Pb) -> Pb:
        with self.lock:
            wanted = compiled(request.filter)
            found = [one for one in reversed(self._state().secret(request.parent).versions) if wanted(one.version)]
        shown, token = _page(found, request)
        return ListSecretVersionsResponse(versions=[one.version for one in shown], next_page_token=token, total_size=len(found))

    def enable_secret_version(self, request: Pb) -> Pb:
        return self._move(request, VersionPb.ENABLED)

    def disable_secret_version(self, request: Pb) -> Pb:
        return self._move(request, VersionPb.DISABLED)

    def destroy_secret_version(self, request: Pb) -> Pb:
        """The payload is gone for good; the version stays."""
        return self._move(request, VersionPb.DESTROYED)

    # State
    def reset(self) -> None:
        with self.lock:
            self.stored.clear()

    def dump(self) -> dict[str, Any]:
        with self.lock:
            return self.stored.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        with self.lock:
            self.stored.load(data)

    def _move(self, request: Pb, state: int) -> Pb:
        """With a `version_destroy_ttl` a version is only disabled at first, and enabling it is a change of mind."""
        with self.lock:
            found = self._state().version(request.name)
            _check_etag(found.version, request.etag)
            if found.version.state == VersionPb.DESTROYED:
                raise FailedPrecondition(f"Secret Version [{found.name}] is in DESTROYED state.")
            secret = self.stored.secret(found.name.partition("/versions/")[0]).secret
            now = self._timestamp()
            delay_ns = secret.version_destroy_ttl.ToNanoseconds() if state == VersionPb.DESTROYED else 0
            if delay_ns:
                found.schedule_destruction(now.ToNanoseconds() + delay_ns)
            elif state == VersionPb.DESTROYED:
                found.destroy(now)
            else:
                found.set_state(state)
            found.version = _tagged(found.version)
            event = "SECRET_VERSION_DESTROY_SCHEDULED" if delay_ns else EVENTS[state]
            self._tell(secret, event, found.version)
            return found.version

    def _tell(self, secret: Pb, event: str, version: Pb | None = None) -> None:
        """https://cloud.google.com/secret-manager/docs/event-notifications: to every topic of the secret."""
        named = secret if version is None else version
        attributes = {
            "eventType": event,
            "dataFormat": "JSON_API_V1",
            "secretId": secret.name,
            "timestamp": self._timestamp().ToJsonString(),
        }
        if version is not None:
            attributes["versionId"] = version.name
        for topic in secret.topics:
            with suppress(LookupError):  # a topic that is gone hears nothing
                self._publish(topic.name, MessageToJson(named).encode(), attributes)

    def _state(self) -> SecretState:
        """What is stored, without the secrets whose time is over."""
        self.stored.expire(self._timestamp())
        return self.stored

    def _timestamp(self) -> Pb:
        stamp = Timestamp()
        stamp.FromDatetime(self._now())
        return stamp


def _nobody_listens(_topic: str, _data: bytes, _attributes: Mapping[str, str]) -> None:
    """Without a Pub/Sub beside it nothing is told."""


def _check_payload(payload: Pb) -> None:
    if not payload.data:
        raise InvalidArgument("The payload data is required.")
    if len(payload.data) > LARGEST_PAYLOAD_BYTES:
        raise InvalidArgument(f"The payload is larger than {LARGEST_PAYLOAD_BYTES} bytes.")
    if payload.HasField("data_crc32c") and payload.data_crc32c != crc32c(payload.data):
        raise InvalidArgument("The checksum in the request does not match the payload.")


def _check_aliases(secret: Pb, versions: int) -> None:
    for alias, number in secret.version_aliases.items():
        if alias == LATEST or not ALIAS.fullmatch(alias):
            raise InvalidArgument(f"Version alias [{alias}] is not allowed.")
        if not 0 < number <= versions:
            raise InvalidArgument(f"Version alias [{alias}] names a version that does not exist.")


def _check_etag(stored: Pb, etag: str) -> None:
    if etag and etag != stored.etag:
        raise FailedPrecondition(f"The etag given for [{stored.name}] is not the current one.")


def _tagged(message: Pb) -> Pb:
    """Stores a digest of everything else as the etag."""
    message.etag = ""
    message.etag = f'"{hashlib.sha256(message.SerializeToString(deterministic=True)).hexdigest()[:14]}"'
    return message


def _page(items: Sequence[Any], request: Pb) -> tuple[Sequence[Any], str]:
    try:
        return page(items, size=request.page_size, token=request.page_token, at_most=LARGEST_PAGE)
    except ValueError as error:
        raise InvalidArgument("The page token is not one of ours.") from error

"""The Secrets port on Secret Manager, with a cache of at most an hour."""

from datetime import datetime, timedelta
from typing import Protocol

from google.api_core import exceptions as google_errors
from google.cloud import secretmanager_v1
from google.cloud.secretmanager_v1.services.secret_manager_service.transports.grpc import SecretManagerServiceGrpcTransport

from shared.gcp.channels import insecure_transport
from shared.ports.clock import Clock, Ids
from shared.ports.errors import NotFound, Transient
from shared.resilience.backoff import repeated

KEPT_FOR = timedelta(hours=1)
LOOKED_AT_EVERY = timedelta(minutes=1)
TIMEOUT_S = 10.0


class SecretSettings(Protocol):
    @property
    def google_cloud_project(self) -> str: ...
    @property
    def secrets_emulator_host(self) -> str: ...


def secret_client(settings: SecretSettings) -> secretmanager_v1.SecretManagerServiceClient:
    host = settings.secrets_emulator_host
    client = secretmanager_v1.SecretManagerServiceClient
    return client(transport=insecure_transport(SecretManagerServiceGrpcTransport, host)) if host else client()


class SecretManager:
    """Latest versions by name."""

    def __init__(self, *, settings: SecretSettings, clock: Clock, ids: Ids) -> None:
        self._client = secret_client(settings)
        self._project, self._clock, self._ids = settings.google_cloud_project, clock, ids
        self._kept: dict[str, tuple[str, datetime]] = {}

    def get(self, *, name: str) -> str:
        return self._no_older_than(KEPT_FOR, name)

    def newer(self, *, name: str, than: str) -> str | None:
        """Whoever sends us wrong signatures must not make us ask for the secret each time."""
        present = self._no_older_than(LOOKED_AT_EVERY, name)
        return present if present != than else None

    def _no_older_than(self, age: timedelta, name: str) -> str:
        now = self._clock.now()
        kept = self._kept.get(name)
        if kept is None or not timedelta(0) <= now - kept[1] < age:
            kept = self._kept[name] = (repeated(lambda: self._read(name), clock=self._clock, ids=self._ids), now)
        return kept[0]

    def _read(self, name: str) -> str:
        try:
            path = f"projects/{self._project}/secrets/{name}/versions/latest"
            found = self._client.access_secret_version(name=path, retry=None, timeout=TIMEOUT_S)
        except google_errors.NotFound as error:
            raise NotFound(f"secret {name} does not exist", source="secretmanager", raw=str(error)) from None
        except google_errors.FailedPrecondition as error:  # its newest version was destroyed: the account was disconnected
            raise NotFound(f"secret {name} holds nothing any more", source="secretmanager", raw=str(error)) from None
        except google_errors.GoogleAPICallError as error:
            raise Transient("Secret Manager is not available", source="secretmanager", raw=str(error)) from None
        return str(found.payload.data.decode())

"""The SecretSafe port on Secret Manager: new versions of credentials, and the end of old ones. Used where people connect accounts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from google.api_core import exceptions as google_errors
from google.cloud import secretmanager_v1

from shared.gcp.secret_manager import TIMEOUT_S, SecretSettings, secret_client
from shared.ports.clock import Clock, Ids
from shared.ports.errors import NotFound, Transient
from shared.resilience.backoff import repeated

T = TypeVar("T")
Version = secretmanager_v1.SecretVersion
ANYWHERE = secretmanager_v1.Secret(replication=secretmanager_v1.Replication(automatic=secretmanager_v1.Replication.Automatic()))


class SecretManagerSafe:
    """Adding is not repeated: a version more would only be one more to retire, and the caller must know the number of its own."""

    def __init__(self, *, settings: SecretSettings, clock: Clock, ids: Ids) -> None:
        self._client, self._project = secret_client(settings), settings.google_cloud_project
        self._clock, self._ids = clock, ids

    def add(self, *, name: str, value: str) -> int:
        payload = secretmanager_v1.SecretPayload(data=value.encode())
        with _typed_errors(name):
            added = self._client.add_secret_version(parent=self._path(name), payload=payload, retry=None, timeout=TIMEOUT_S)
        return _number(added)

    def retire(self, *, name: str, below: int) -> None:
        for version in self._asked(name, lambda: list(self._client.list_secret_versions(parent=self._path(name), timeout=TIMEOUT_S))):
            if _number(version) < below and version.state is not Version.State.DESTROYED:
                self._asked(name, partial(self._client.destroy_secret_version, name=version.name, retry=None, timeout=TIMEOUT_S))

    def create(self, *, name: str) -> bool:
        parent = f"projects/{self._project}"

        def once() -> bool:
            try:
                self._client.create_secret(parent=parent, secret_id=name, secret=ANYWHERE, retry=None, timeout=TIMEOUT_S)
            except google_errors.AlreadyExists:
                return False
            return True

        return self._asked(name, once)

    def _path(self, name: str) -> str:
        return f"projects/{self._project}/secrets/{name}"

    def _asked(self, name: str, operation: Callable[[], T]) -> T:
        def once() -> T:
            with _typed_errors(name):
                return operation()

        return repeated(once, clock=self._clock, ids=self._ids)


def _number(version: Version) -> int:
    return int(version.name.rpartition("/")[2])


@contextmanager
def _typed_errors(name: str) -> Iterator[None]:
    try:
        yield
    except google_errors.NotFound as error:
        raise NotFound(f"secret {name} does not exist", source="secretmanager", raw=str(error)) from None
    except google_errors.GoogleAPICallError as error:
        raise Transient(f"Secret Manager does not take secret {name} now", source="secretmanager", raw=str(error)) from None

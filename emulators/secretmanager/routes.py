"""The gRPC front of Secret Manager: `python -m emulators secretmanager` and the suite serve its handlers."""

from collections.abc import Mapping
from typing import Any

import grpc
from google.cloud.secretmanager_v1.services.secret_manager_service.transports.grpc import SecretManagerServiceGrpcTransport

from emulators.clock import Clock
from emulators.faults import Faults
from emulators.grpc_methods import Front, generic_handler, methods_of, without_context
from emulators.past import Memory, Past
from emulators.secretmanager import errors
from emulators.secretmanager.responses import Engine, Publish

READS = ("GetSecret", "ListSecrets", "AccessSecretVersion", "GetSecretVersion", "ListSecretVersions")
"""What may be answered from an earlier state: https://cloud.google.com/secret-manager/docs/resource-consistency"""
METHODS = methods_of(SecretManagerServiceGrpcTransport)
CODES: dict[type[Exception], grpc.StatusCode] = {
    errors.InvalidArgument: grpc.StatusCode.INVALID_ARGUMENT,
    errors.NotFound: grpc.StatusCode.NOT_FOUND,
    errors.AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    errors.FailedPrecondition: grpc.StatusCode.FAILED_PRECONDITION,
}


class SecretManagerEmulator:
    """One Secret Manager for any number of projects. Fault routes: `secretmanager.<Method>`."""

    name = "secretmanager"

    def __init__(self, clock: Clock, *, publish: Publish | None = None) -> None:
        """`publish(topic, data, attributes)` carries the notifications of secrets that name topics."""
        self.faults = Faults()
        self.engine = Engine(clock.now, publish)
        past = Past(clock=clock, faults=self.faults, lock=self.engine.lock, dump=self.engine.dump)
        memory = Memory(past, lock=self.engine.lock, state=self.engine.stored, load=self.engine.load, reads=READS)
        self._front = Front(self.name, clock, self.faults, CODES, memory)

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        engine = self.engine
        implementation = {
            "CreateSecret": without_context(engine.create_secret),
            "GetSecret": without_context(engine.get_secret),
            "UpdateSecret": without_context(engine.update_secret),
            "ListSecrets": without_context(engine.list_secrets),
            "DeleteSecret": without_context(engine.delete_secret),
            "AddSecretVersion": without_context(engine.add_secret_version),
            "AccessSecretVersion": without_context(engine.access_secret_version),
            "GetSecretVersion": without_context(engine.get_secret_version),
            "ListSecretVersions": without_context(engine.list_secret_versions),
            "EnableSecretVersion": without_context(engine.enable_secret_version),
            "DisableSecretVersion": without_context(engine.disable_secret_version),
            "DestroySecretVersion": without_context(engine.destroy_secret_version),
        }
        return [generic_handler(METHODS, implementation, self._front)]

    def reset(self) -> None:
        self.engine.reset()

    def dump(self) -> dict[str, Any]:
        return self.engine.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        self.engine.load(data)

    def close(self) -> None:
        """Nothing runs by itself here."""

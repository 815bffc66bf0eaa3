"""Single methods of Google's services, called without the generated clients around them; for the adapters beside it.

A generated client costs every cold start 20 to 30 ms of imports, for all the methods and types that a function does not use.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.api_core import grpc_helpers
from google.api_core.gapic_v1 import routing_header
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
TIMEOUT_S = 10.0
Declared = Mapping[str, str]
"""Message → its fields as `number name type`, separated by semicolons; `type*` repeats. Only those we use: what else comes is skipped."""

Wire = descriptor_pb2.FieldDescriptorProto


@dataclass(frozen=True)
class Method:
    """One RPC. `routed_by` names the field of the request that tells Google where it belongs."""

    service: str  # google.pubsub.v1.Publisher
    name: str
    host: str
    routed_by: str
    messages: Declared
    request: str
    response: str


def opened(method: Method, *, emulator_host: str) -> Callable[..., Any]:
    """Call it with the request's fields (messages are dicts); it raises google.api_core's exceptions like any client of Google's."""
    types = _message_types(method.messages)
    request, response = types[method.request], types[method.response]
    path = f"/{method.service}/{method.name}"
    channel = grpc.insecure_channel(emulator_host) if emulator_host else _channel(method.host)
    rpc = channel.unary_unary(path, request_serializer=request.SerializeToString, response_deserializer=response.FromString)
    asked = grpc_helpers.wrap_errors(rpc)  # type: ignore[no-untyped-call]

    def call(**fields: Any) -> Any:
        routed = routing_header.to_grpc_metadata([(method.routed_by, fields[method.routed_by])])  # type: ignore[no-untyped-call]
        return asked(request(**fields), timeout=TIMEOUT_S, metadata=[routed])

    return call


def _channel(host: str) -> Any:
    """With the credentials of whoever runs this, exactly as the generated clients open theirs."""
    return grpc_helpers.create_channel(f"{host}:443", default_scopes=SCOPES, default_host=host)


def _message_types(declared: Declared) -> dict[str, Any]:
    """In a pool of their own, so that they may stand beside Google's own descriptors in one process."""
    file = descriptor_pb2.FileDescriptorProto(name="ours.proto", syntax="proto3")
    for name, fields in declared.items():
        message = file.message_type.add(name=name)
        for field in fields.split(";"):
            message.field.append(_field(*field.split()))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(name)) for name in declared}


def _field(number: str, name: str, kind: str) -> Any:
    plain = kind.removesuffix("*")
    field = Wire(name=name, number=int(number), label=Wire.LABEL_OPTIONAL if plain == kind else Wire.LABEL_REPEATED)
    scalar = getattr(Wire, f"TYPE_{plain.upper()}", None)
    field.type = scalar or Wire.TYPE_MESSAGE
    if scalar is None:
        field.type_name = f".{plain}"
    return field

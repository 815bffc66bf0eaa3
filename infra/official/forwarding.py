"""Passes every call of one Google service on to Google's emulator, behind the same table of faults as our own emulators."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import grpc
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from emulators.clock import Clock
from emulators.faults import Faults
from emulators.grpc_methods import Front, Method, Work, generic_handler, methods_of

OURS = ("grpc-", "user-agent", "content-type", "te", ":")
"""Beginnings of the metadata that belongs to one hop."""


class Refused(Exception):
    """Google's emulator said no: its status is passed on as it is."""

    def __init__(self, error: grpc.RpcError) -> None:
        super().__init__(error.details())
        code: grpc.StatusCode = error.code()
        self.status = rpc_status.from_call(error) or Status(code=code.value[0], message=error.details() or "")


class Forwarding:
    """Handlers for services whose clients' transports are given; `instead` replaces the work of single methods."""

    def __init__(self, name: str, address: str, *, clock: Clock, faults: Faults) -> None:
        self.channel = grpc.insecure_channel(address)
        self._front = Front(name, clock, faults, {Refused: grpc.StatusCode.UNKNOWN})

    def handler(self, transport: type[Any], instead: Mapping[str, Callable[[Work], Work]]) -> grpc.GenericRpcHandler:
        """`instead` gets the plain forwarding work of the method it replaces."""
        methods = methods_of(transport)
        works = {method.name: instead.get(method.name, _as_it_is)(self._forward(method)) for method in methods}
        return generic_handler(methods, works, self._front)

    def _forward(self, method: Method) -> Work:
        call = getattr(self.channel, str(method.arity))(
            method.path, request_serializer=lambda message: message.SerializeToString(), response_deserializer=method.response.FromString
        )

        def unary(request: Any, context: grpc.ServicerContext) -> Any:
            try:
                return call(request, timeout=context.time_remaining(), metadata=_passed_on(context))
            except grpc.RpcError as error:
                raise Refused(error) from error

        def streaming(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
            answers = call(request, timeout=context.time_remaining(), metadata=_passed_on(context))
            context.add_callback(answers.cancel)
            try:
                yield from answers
            except grpc.RpcError as error:
                raise Refused(error) from error

        return streaming if method.arity.streams_responses else unary


def _as_it_is(work: Work) -> Work:
    return work


def _passed_on(context: grpc.ServicerContext) -> list[tuple[str, str]]:
    return [(name, value) for name, value in context.invocation_metadata() if not name.startswith(OURS)]

"""The same raw request to Google's emulator and to ours, and what came of it in a form that can be compared."""

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any

import grpc

from emulators.firestore.errors import FirestoreError
from emulators.firestore.methods import METHODS, calls
from emulators.firestore.responses import Engine
from emulators.grpc_methods import Method

BY_NAME = {method.name: method for method in METHODS}
Outcome = tuple[str, Any]
"""("answered", answers) or ("refused", code); the message of a refusal is not compared."""


class Both:
    """Two Firestores. Each example gets a project of its own, so that nothing needs to be cleared."""

    def __init__(self, address: str, now_us: Callable[[], int]) -> None:
        self._channel = grpc.insecure_channel(address)
        self._here_calls = calls(Engine(now_us))
        self._projects = count(1)
        self.project = ""

    def begin(self) -> str:
        """Another project; answers the name of its root."""
        self.project = f"example-{next(self._projects)}"
        return f"projects/{self.project}/databases/(default)/documents"

    def close(self) -> None:
        self._channel.close()

    def ask(self, name: str, request: Any) -> tuple[Outcome, Outcome]:
        """Google's outcome, then ours."""
        return self._officially(BY_NAME[name], request), self._here(name, request)

    def _officially(self, method: Method, request: Any) -> Outcome:
        call = getattr(self._channel, str(method.arity))(
            method.path, request_serializer=lambda message: message.SerializeToString(), response_deserializer=method.response.FromString
        )
        try:
            answer = call(request, metadata=[("authorization", "Bearer owner")])
            return "answered", [told(one) for one in (answer if method.arity.streams_responses else [answer]) if says_something(one)]
        except grpc.RpcError as error:
            return "refused", error.code().value[0]

    def _here(self, name: str, request: Any) -> Outcome:
        try:
            answer = self._here_calls[name](request)
        except FirestoreError as error:
            return "refused", error.code
        answers: Iterable[Any] = answer if isinstance(answer, list) else [answer]
        return "answered", [told(one) for one in answers if says_something(one)]


def says_something(answer: Any) -> bool:
    """An answer that tells only when it was read closes a stream for one of the two and not for the other."""
    return any(field.name not in ("read_time", "done", "skipped_results", "explain_metrics") for field, _ in answer.ListFields())


def told(message: Any) -> Any:
    """A message as plain data without the moments it was written and read; floats by their text, so that NaN equals itself."""
    if not hasattr(message, "ListFields"):
        return repr(message) if isinstance(message, float) else message
    if message.DESCRIPTOR.name == "Value":
        kind = message.WhichOneof("value_type")
        return (kind, told(getattr(message, kind))) if kind else None
    return {field.name: _held(field, value) for field, value in message.ListFields() if field.name not in TIMES}


TIMES = {"read_time", "update_time", "create_time", "commit_time", "done", "skipped_results"}


def _held(field: Any, value: Any) -> Any:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return {name: told(value[name]) for name in value}
    return [told(one) for one in value] if isinstance(value, Sequence) and not isinstance(value, str | bytes) else told(value)

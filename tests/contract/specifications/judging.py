"""Holds requests and answers against a contract, whatever format it was written in; AssertionError says everything that is wrong."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator

from tests.contract.specifications.exchange import CONTROL, Exchange
from tests.contract.specifications.operations import Contract, Operation, Schema, from_text

MOST_TOLD = 8


class Judge:
    def __init__(self, contract: Contract) -> None:
        self.contract = contract

    def check(self, exchange: Exchange) -> None:
        """Parameters, body and answer. A request that was refused as invalid and an injected fault are not judged further."""
        problems = list(islice(self._problems(exchange), MOST_TOLD))
        assert not problems, f"{exchange.method} {exchange.path} -> {exchange.status}:\n" + "\n".join(problems)

    def check_httpx(self, response: Any) -> None:
        """An event hook for httpx clients."""
        self.check(Exchange.of_httpx(response))

    def fits(self, schema: str, value: Any) -> None:
        """A value against a schema by its name in the document."""
        problems = list(self._misfits({"$ref": f"#/{self.contract.schemas_at}/{schema}"}, value, schema))
        assert not problems, "\n".join(problems)

    def _problems(self, exchange: Exchange) -> Iterator[str]:
        if exchange.path.startswith(CONTROL):
            return
        if self.contract.batch_path and f"{exchange.path}/".startswith(f"{self.contract.batch_path}/"):
            for one in exchange.inner() if exchange.status == 200 else ():
                yield from self._problems(one)
            return
        operation = self.contract.operation(exchange.method, exchange.path)
        if operation is None:
            if not self.contract.excerpt and exchange.status not in (404, 405):
                yield "is no operation of this API"
            return
        if not exchange.refused_as_invalid:
            yield from self._wrong_parameters(operation, exchange)
            yield from self._wrong_body(operation, exchange)
        yield from self._wrong_answer(operation, exchange)

    def _wrong_parameters(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        given = exchange.query
        for name, values in given.items():
            parameter = operation.parameters.get(name)
            if parameter is None:
                if name not in self.contract.anywhere:
                    yield f"unknown parameter {name}"
                continue
            if len(values) > 1 and not parameter.repeated:
                yield f"parameter {name} is given {len(values)} times"
            for value in from_text(values, parameter.schema):
                yield from self._misfits(parameter.schema, value, f"parameter {name}")
        for name, parameter in operation.parameters.items():
            if parameter.required and name not in given:
                yield f"parameter {name} is missing"

    def _wrong_body(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        if exchange.query.get("uploadType") == ["media"]:  # the body is the content, of whatever kind it is
            return
        sent = exchange.sent
        if sent is None:
            return
        if operation.body is None:
            if sent:
                yield "a body is sent where none is expected"
            return
        if exchange.body_type.startswith("application/x-www-form-urlencoded"):
            fields = operation.body.get("properties", {})
            sent = {name: from_text([value], fields.get(name, {}))[0] for name, value in sent.items()}
        yield from self._misfits(operation.body, _without_nulls(sent) if operation.removes_with_null else sent, "request")

    def _wrong_answer(self, operation: Operation, exchange: Exchange) -> Iterator[str]:
        if exchange.staged or not exchange.answer:
            return
        schema, answered = operation.answer(0 if exchange.told_no else exchange.status), exchange.answered
        if answered is None:
            if schema is not None and not operation.media and exchange.status < 400:
                yield f"answers {exchange.answer_type or 'without a content type'}, not JSON"
            return
        if schema is not None and exchange.query.get("alt") != ["media"]:
            yield from self._misfits(schema, answered, "answer")

    def _misfits(self, schema: Schema, value: Any, what: str) -> Iterator[str]:
        for error in Draft202012Validator({**schema, **self.contract.root}).iter_errors(value):
            yield f"{what} {error.json_path}: {error.message[:160]}"


def _without_nulls(value: Any) -> Any:
    """In a PATCH null removes a property, which no schema says."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    return value

"""Endpoints: who gets in, which answer each failure becomes, what is traced, and that a bug gives nothing away."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.domain.dead_letter import DeadLetter
from shared.domain.run import RunState
from shared.ports.errors import (
    Awaited,
    Busy,
    Conflict,
    MalformedAnswer,
    NotFound,
    OutcomeUnknown,
    Permanent,
    ReconnectNeeded,
    Rejected,
    SalesAgentError,
    Transient,
)
from shared.ports.requests import Asked, Reply
from shared.ports.store import Put
from shared.runtime.delivery import Delivery
from shared.runtime.endpoints import LARGEST_BODY
from shared.runtime.logging import current_trace
from tests.builders import WORKSPACE, a_run
from tests.unit.runtime.calling import TRACE, Door, a_push, a_request, chunked, problem
from tests.unit.stages.world import work

WORK = work().model_dump_json()


@pytest.fixture
def door() -> Door:
    return Door()


def an_endpoint(door: Door, handler: Callable[[Asked[Any]], Reply], *, body: str = "") -> Callable[[Any], Any]:
    def form_webhook(asked: Asked[Any]) -> Reply:
        return handler(asked)

    return door.endpoints.http_endpoint(auth="signature", body=body)(form_webhook)


def a_consumer(door: Door, handler: Callable[[Delivery], None], *, of: str = "message") -> Callable[[Any], Any]:
    def draft(delivery: Delivery) -> None:
        handler(delivery)

    return door.endpoints.on_message(draft) if of == "message" else door.endpoints.on_task(draft)


def failing(error: Exception) -> Callable[[Any], Any]:
    def handler(_: Any) -> Any:
        raise error

    return handler


# HTTP


def test_a_handler_gets_caller_body_and_the_public_address(door: Door):
    kept: list[Asked[Any]] = []
    endpoint = an_endpoint(
        door, lambda asked: (kept.append(asked), Reply({"ok": "ä"}, status=202, headers={"X-More": "1"}))[1], body="reader"
    )
    body, status, headers = endpoint(a_request(b'{"a": 1}', path="/token-1", query="x=1&y=%C3%A9"))
    [asked] = kept
    assert (asked.caller.name, asked.body) == ("invoker", {"a": 1})
    assert asked.incoming.url == "https://public.example/form-webhook/token-1?x=1&y=%C3%A9"
    assert (asked.incoming.path, asked.incoming.method, asked.incoming.body) == ("/token-1", "POST", b'{"a": 1}')
    assert (asked.incoming.query, asked.incoming.headers["authorization"]) == ({"x": "1", "y": "é"}, "Bearer good")
    assert (body, status) == ('{"ok": "ä"}', 202)
    assert headers == {"Content-Type": "application/json", "Cache-Control": "no-store", "X-More": "1"}


def test_a_functions_own_root_has_no_path_below_it(door: Door):
    an_endpoint(door, lambda asked: Reply())(a_request())
    [incoming] = door.doorkeeper.seen
    assert (incoming.url, incoming.path) == ("https://public.example/form-webhook", "")


def test_a_reply_without_content_has_an_empty_body(door: Door):
    assert an_endpoint(door, lambda asked: Reply(status=204))(a_request())[:2] == ("", 204)


def test_without_a_body_parser_there_is_no_body(door: Door):
    kept: list[object] = []
    an_endpoint(door, lambda asked: (kept.append(asked.body), Reply())[1])(a_request(b"not json"))
    assert kept == [None]


def test_who_is_not_let_in_is_not_heard(door: Door):
    handled: list[object] = []
    endpoint = an_endpoint(door, lambda asked: (handled.append(asked), Reply())[1], body="reader")
    answer = endpoint(a_request(b"not json", headers={"Authorization": "Bearer stolen"}))
    assert (answer[1], answer[2]["Content-Type"], handled) == (401, "application/problem+json", [])
    assert problem(answer) == {
        "type": "/api/docs#problem-unauthenticated",
        "title": "Nobody knows who asks",
        "status": 401,
        "detail": "an identity token is required",
        "field": "authorization",
    }


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (Rejected("portalId: missing", field="portalId"), 400, "portalId: missing"),
        (Rejected("no such address", field="path", status=404), 404, "no such address"),
        (NotFound("run r does not exist"), 404, "run r does not exist"),
        (Conflict("the portal is taken"), 409, "the portal is taken"),
        (Transient("Firestore is away"), 503, "not now, please repeat"),
        (Busy("another delivery is at it"), 503, "not now, please repeat"),
        (OutcomeUnknown("no answer"), 503, "not now, please repeat"),
        (Permanent("the mailbox is closed"), 422, "the mailbox is closed"),
        (ReconnectNeeded("connect Gmail again"), 422, "connect Gmail again"),
        (MalformedAnswer("not the schema"), 422, "not the schema"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_every_family_of_errors_has_its_answer(door: Door, error: SalesAgentError, status: int, detail: str):
    answer = an_endpoint(door, failing(error))(a_request())
    assert (answer[1], problem(answer)["status"], problem(answer)["detail"]) == (status, status, detail)
    told, served = door.logged
    assert (told["severity"], told["message"], told["error"], told["detail"]) == (
        "WARNING",
        "request not served",
        type(error).__name__,
        error.detail,
    )
    assert (served["message"], served["function"], served["status"]) == ("served", "form_webhook", status)


@pytest.mark.parametrize(("wish", "header"), [(None, None), (30, "30"), (1.6, "2"), (0.01, "1")])
def test_a_vendors_wish_to_wait_is_passed_on_in_whole_seconds(door: Door, wish: float | None, header: str | None):
    retry_after = None if wish is None else timedelta(seconds=wish)
    assert an_endpoint(door, failing(Transient("limited", retry_after=retry_after)))(a_request())[2].get("Retry-After") == header


def test_a_bug_is_a_500_that_tells_neither_caller_nor_log_any_value(door: Door):
    answer = an_endpoint(door, failing(KeyError("ana.silva@brightleaf.example")))(a_request())
    assert (answer[1], problem(answer)["detail"]) == (500, "the function failed")
    assert (door.logged[0]["message"], door.logged[0]["error"]) == ("bug", "KeyError")
    assert door.logged[0]["raised_at"].startswith("test_endpoints.py:")
    assert "ana.silva" not in door.stream.getvalue() + answer[0]


@pytest.mark.parametrize("request_of", [lambda size: a_request(b"x" * size), lambda size: chunked(b"x" * size)], ids=["told", "chunked"])
def test_a_body_over_the_limit_is_refused_however_it_is_sent(door: Door, request_of: Callable[[int], Any]):
    lengths: list[int] = []
    endpoint = an_endpoint(door, lambda asked: (lengths.append(len(asked.incoming.body)), Reply())[1])
    assert endpoint(request_of(LARGEST_BODY))[1] == 200
    answer = endpoint(request_of(LARGEST_BODY + 1))
    assert (answer[1], problem(answer)["field"], lengths) == (413, "body", [LARGEST_BODY])


def test_a_request_says_how_long_it_took(door: Door):
    an_endpoint(door, lambda asked: (door.clock.advance(timedelta(milliseconds=250)), Reply())[1])(a_request())
    assert door.logged[-1]["duration_ms"] == 250


# Traces


@pytest.mark.parametrize(
    "headers",
    [
        {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"},
        {"X-Cloud-Trace-Context": f"{TRACE}/123;o=1"},
        {"X-Cloud-Trace-Context": TRACE},
        {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "X-Cloud-Trace-Context": "f" * 32},
        {"traceparent": "00-short-b7ad6b7169203331-01", "X-Cloud-Trace-Context": f"{TRACE}/1"},
    ],
)
def test_the_callers_trace_is_carried_on(door: Door, headers: dict[str, str]):
    kept: list[str] = []
    an_endpoint(door, lambda asked: (kept.append(asked.trace_id), Reply())[1])(a_request(headers=headers))
    assert kept == [TRACE]
    assert door.logged[0]["logging.googleapis.com/trace"] == f"projects/p/traces/{TRACE}"
    assert current_trace.get() == ""


@example({"traceparent": f"00-{'z' * 32}-b7ad6b7169203331-01"})
@example({"traceparent": f"00-{'0' * 32}-b7ad6b7169203331-01"})
@example({"X-Cloud-Trace-Context": "ª" * 32})
@given(
    st.dictionaries(st.sampled_from(["traceparent", "X-Cloud-Trace-Context"]), st.text(st.characters(max_codepoint=255, min_codepoint=32)))
)
def test_a_trace_that_is_none_is_replaced_by_a_new_one(headers: dict[str, str]):
    door, kept = Door(), []
    an_endpoint(door, lambda asked: (kept.append(asked.trace_id), Reply())[1])(a_request(headers=headers))
    assert kept == ["id-00000000000000000000001"]


def test_a_messages_trace_and_a_tasks_trace_go_on_in_the_log(door: Door):
    push, task = a_push(WORK, trace_id="trace-m"), a_request(WORK.encode(), headers={"X-Trace-Id": "trace-t"})
    a_consumer(door, failing(Permanent("no")))(push)
    a_consumer(door, failing(Permanent("no")), of="task")(task)
    traces = [one["logging.googleapis.com/trace"].rpartition("/")[2] for one in door.logged]
    assert traces == ["trace-m", "trace-m", "trace-t", "trace-t"]
    assert current_trace.get() == ""


def test_a_message_without_trace_keeps_that_of_its_request(door: Door):
    a_consumer(door, lambda delivery: None)(a_push(WORK, headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}))
    assert door.logged[0]["logging.googleapis.com/trace"] == f"projects/p/traces/{TRACE}"


# Messages and tasks


@pytest.mark.parametrize("of", ["message", "task"])
def test_a_delivery_is_handled_and_acknowledged(door: Door, of: str):
    kept: list[Any] = []
    request = a_push(WORK) if of == "message" else a_request(WORK.encode())
    assert a_consumer(door, lambda delivery: kept.append(delivery.work), of=of)(request)[:2] == ("", 204)
    assert kept == [work()]
    assert door.doorkeeper.seen[0].url == "https://internal.example/draft"


def test_a_delivery_of_a_stranger_is_not_handled(door: Door):
    kept: list[Any] = []
    assert a_consumer(door, kept.append)(a_push(WORK, headers={"Authorization": ""}))[1] == 401
    assert kept == []


@pytest.mark.parametrize("error", [Transient("away"), OutcomeUnknown("no answer")])
def test_what_may_work_later_is_refused_and_comes_again(door: Door, error: SalesAgentError):
    door.store.commit(Put(a_run()))
    assert a_consumer(door, failing(error))(a_push(WORK))[1] == 503
    assert door.store.everything(DeadLetter) == []


@pytest.mark.parametrize(("error", "severity"), [(Awaited("not there yet"), "INFO"), (Transient("away"), "WARNING")])
def test_what_will_come_by_itself_is_no_warning(door: Door, error: SalesAgentError, severity: str):
    assert a_consumer(door, failing(error))(a_push(WORK))[1] == 503
    assert [one["severity"] for one in door.logged if one["message"] == "request not served"] == [severity]


def test_a_bug_comes_again_too(door: Door):
    assert a_consumer(door, failing(ZeroDivisionError()))(a_push(WORK))[1] == 500


def test_a_permanent_failure_is_recorded_at_its_run_and_acknowledged(door: Door):
    door.store.commit(Put(a_run()))
    assert a_consumer(door, failing(Permanent("the model refuses")))(a_push(WORK))[1] == 204
    [run] = door.store.everything(type(a_run()))
    assert (run.state, run.failed_stage, run.failure_reason) == (RunState.FAILED, "draft", "the model refuses")
    assert (door.logged[0]["severity"], door.logged[0]["message"]) == ("ERROR", "work failed for good")


def test_a_run_that_waits_for_an_account_is_acknowledged_and_told_as_an_error_once(door: Door):
    door.store.commit(Put(a_run()))
    consume = a_consumer(door, failing(ReconnectNeeded("connect the mailbox again", source="google_oauth")))
    assert consume(a_push(WORK))[1] == 204
    door.clock.advance(timedelta(minutes=10))
    assert consume(a_push(WORK))[1] == 204
    [run] = door.store.everything(type(a_run()))
    assert (run.state, run.paused) == (RunState.RECEIVED, "draft: connect the mailbox again")
    told = [(one["severity"], one["entity"]) for one in door.logged if one["message"] == "run paused until an account or setting is there"]
    assert told == [("ERROR", "run_1"), ("INFO", "run_1")]


def test_what_waits_for_an_account_and_belongs_to_no_run_has_failed(door: Door):
    assert a_consumer(door, failing(ReconnectNeeded("connect the mailbox again")))(a_push(WORK))[1] == 204
    assert [one.reason for one in door.store.everything(DeadLetter)] == ["connect the mailbox again"]


@pytest.mark.parametrize("payload", ["", "{", "[]", '{"id": "run_1"}', '{"workspace_id": "../x", "id": "run_1"}', b"\xff\xfe"])
def test_a_message_that_is_not_ours_is_quarantined_and_acknowledged(door: Door, payload: str | bytes):
    answer = a_consumer(door, lambda delivery: str(delivery.work))(a_push(payload, workspace_id=WORKSPACE))
    [letter] = door.store.everything(DeadLetter)
    assert answer[1] == 204
    assert (letter.function, letter.source, letter.attempts, letter.workspace_id) == ("draft", "lead.planned--draft", 3, WORKSPACE)
    assert (door.logged[0]["message"], door.logged[0]["attempts"]) == ("message quarantined", 3)


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"{}", b'{"message": 1}', b'{"message": {"data": "%%"}}', b"\xff"])
def test_an_envelope_nobody_can_open_is_kept_as_it_came(door: Door, body: bytes):
    assert a_consumer(door, lambda delivery: str(delivery.work))(a_request(body))[1] == 204
    [letter] = door.store.everything(DeadLetter)
    assert (letter.source, letter.payload) == ("unreadable envelope", body.decode("utf-8", "replace"))


def test_a_quarantine_that_is_away_keeps_the_message_coming(door: Door):
    class Away:
        def quarantine(self, **_: Any) -> None:
            raise Transient("Firestore is away")

    door.failures = Away()
    assert a_consumer(door, failing(Rejected("no")))(a_push(WORK))[1] == 503


def test_what_was_refused_is_not_told_by_its_content(door: Door):
    a_consumer(door, lambda delivery: str(delivery.work))(a_push('{"id": "ana.silva@brightleaf.example"}'))
    assert "ana.silva" not in door.stream.getvalue()


# Schedules


def test_a_tick_of_the_scheduler_runs_its_function(door: Door):
    ticks: list[int] = []

    def sweep() -> None:
        ticks.append(1)

    tick = door.endpoints.on_schedule(sweep)
    assert tick(a_request())[:2] == ("", 204)
    assert tick(a_request(headers={"Authorization": "Bearer stolen"}))[1] == 401
    assert ticks == [1]
    assert door.doorkeeper.seen[0].url == "https://internal.example/sweep"


def test_a_decorated_function_keeps_its_name(door: Door):
    def sweep() -> None:
        """Every minute."""

    assert door.endpoints.on_schedule(sweep).__name__ == "sweep"

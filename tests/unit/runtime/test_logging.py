"""The log: one line per entry, known fields only, and nothing a person wrote or a secret is made of."""

import io
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.runtime.logging import LOGGABLE, LONGEST, EventLog, current_trace, log_for
from shared.runtime.settings import Settings

ANY_TEXT = st.text(st.characters(codec=None), max_size=50)
VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT | st.lists(ANY_TEXT, max_size=2)
)
SECRET_FIELDS = st.sampled_from(
    ["body", "subject", "token", "email", "recipient", "headers", "payload", "password", "authorization", "name"]
)


def written(severity: str = "INFO", message: str = "something happened", *, least: str = "INFO", **fields: Any) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8", newline="")
    EventLog(project="p", least=least, stream=stream).write(severity, message, **fields)
    stream.flush()
    text = raw.getvalue().decode()
    stream.detach()
    return text


def test_an_entry_is_one_json_object_on_a_line():
    text = written(function="plan", status=204, duration_ms=3, fell_back=False)
    assert text.endswith("\n")
    assert json.loads(text) == {
        "severity": "INFO",
        "message": "something happened",
        "function": "plan",
        "status": 204,
        "duration_ms": 3,
        "fell_back": False,
    }


@example({"detail": "one\u2028line"})
@example({"detail": "half a \ud83d pair"})
@given(st.dictionaries(st.sampled_from(sorted(LOGGABLE)), VALUES))
def test_whatever_the_values_it_is_one_line_of_json(fields: dict[str, Any]):
    text = written(**fields)
    assert len(text.splitlines()) == 1
    assert json.loads(text).keys() == {"severity", "message", *fields}


@given(st.dictionaries(SECRET_FIELDS, st.text("0123456789", min_size=10, max_size=20), min_size=1))
def test_a_field_without_a_place_in_the_log_is_named_and_not_written(fields: dict[str, str]):
    text = written(**fields)
    assert not any(value in text for value in fields.values())
    assert json.loads(text)["withheld"] == sorted(fields)


@given(st.text(min_size=1, max_size=15).filter(lambda name: name.isidentifier() and name not in LOGGABLE | {"severity", "message", "self"}))
def test_no_name_but_the_known_ones_is_written(name: str):
    assert "54321-secret" not in written(**{name: "54321-secret"})


@pytest.mark.parametrize(
    "name", ["body", "text", "subject", "email", "recipient", "token", "headers", "payload", "name", "prompt", "answer"]
)
def test_there_is_no_field_for_what_people_write_or_what_opens_doors(name: str):
    assert name not in LOGGABLE


def test_a_long_reason_is_cut():
    assert json.loads(written(detail="x" * 1000))["detail"] == "x" * LONGEST


@pytest.mark.parametrize(("least", "said"), [("DEBUG", 4), ("INFO", 3), ("WARNING", 2), ("ERROR", 1)])
def test_what_is_less_severe_than_asked_for_is_not_written(least: str, said: int):
    assert sum(bool(written(one, least=least)) for one in ("DEBUG", "INFO", "WARNING", "ERROR")) == said


def test_entries_of_a_request_carry_its_trace():
    token = current_trace.set("0af7651916cd43dd8448eb211c80319c")
    try:
        assert json.loads(written())["logging.googleapis.com/trace"] == "projects/p/traces/0af7651916cd43dd8448eb211c80319c"
    finally:
        current_trace.reset(token)
    assert "logging.googleapis.com/trace" not in json.loads(written())


def test_the_log_of_the_settings_writes_to_standard_output(capsys: pytest.CaptureFixture[str]):
    log = log_for(Settings(google_cloud_project="p-1", log_level="WARNING"))
    log.write("INFO", "quiet")
    log.write("ERROR", "loud")
    assert json.loads(capsys.readouterr().out)["message"] == "loud"

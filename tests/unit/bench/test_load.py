"""The load generator reads answers as they come: whole, in pieces, with and without a body."""

import pytest

from tests.bench.load import answered

ANSWER = b"HTTP/1.1 202 ACCEPTED\r\nServer: gunicorn\r\ncontent-length: 5\r\n\r\nhello"


def test_a_whole_answer_tells_its_status() -> None:
    assert answered(ANSWER) == 202


@pytest.mark.parametrize("length", range(len(ANSWER)))
def test_an_answer_is_not_taken_before_its_last_byte(length: int) -> None:
    assert answered(ANSWER[:length]) is None


def test_an_answer_without_a_body_ends_with_its_headers() -> None:
    assert answered(b"HTTP/1.1 204 NO CONTENT\r\nServer: gunicorn\r\n\r\n") == 204

"""Small things: functions, files and their complexity stay within what a reader takes in at once."""

import statistics

import pytest

from tests.architecture.sources import ALL, ROOT, Source, functions_of, length, sources

LONGEST_FUNCTION = 30
LONGEST_FILE = 300
LONGEST_TEST_FILE = 500
LONGEST_TEMPLATE = 150
TEMPLATES = (".j2", ".html")


def test_no_function_is_longer_than_thirty_lines() -> None:
    long = [
        f"{source.name}:{function.lineno} {function.name}: {length(function)} lines"
        for source in sources(*ALL)
        for function in functions_of(source)
        if length(function) > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)


@pytest.mark.parametrize("place", ["shared", "functions", "infra", "emulators"])
def test_half_of_all_functions_are_shorter_than_ten_lines(place: str) -> None:
    lengths = [length(function) for source in sources(place) for function in functions_of(source)]
    assert statistics.median(lengths or [0]) < 10


def test_no_file_is_longer_than_its_kind_may_be() -> None:
    long = [f"{source.name}: {len(source.lines)} lines" for source in sources(*ALL) if len(source.lines) > _allowed(source)]
    assert not long, "\n".join(long)


def test_no_template_is_longer_than_a_hundred_and_fifty_lines() -> None:
    templates = [path for folder in ("shared", "functions") for path in (ROOT / folder).rglob("*") if path.suffix in TEMPLATES]
    long = [str(path) for path in templates if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_TEMPLATE]
    assert not long, "\n".join(long)


def _allowed(source: Source) -> int:
    return LONGEST_TEST_FILE if source.name.startswith("tests/") else LONGEST_FILE

"""The filter language: Google's examples, refusals, and random expressions against their own evaluation."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.pubsub.errors import InvalidArgument
from emulators.pubsub.filters import compiled

ATTRIBUTES = {"domain": "com", "iana.org/language_tag": "en", "region": "us-east1", "empty": ""}


@pytest.mark.parametrize(
    ("expression", "matches"),
    [
        ("", True),
        ("attributes:domain", True),
        ("attributes:missing", False),
        ("NOT attributes:missing", True),
        ("-attributes:domain", False),
        ('attributes.domain = "com"', True),
        ('attributes.domain = "co"', False),
        ('attributes.domain != "com"', False),
        ('attributes.missing != "com"', True),
        ('attributes."iana.org/language_tag" = "en"', True),
        ('attributes:"iana.org/language_tag"', True),
        ('hasPrefix(attributes.region, "us-")', True),
        ('hasPrefix(attributes.missing, "")', False),
        ('hasPrefix(attributes.empty, "")', True),
        ('attributes:domain AND (attributes.domain = "net" OR attributes.domain = "com")', True),
        ('attributes:domain AND NOT hasPrefix(attributes.region, "eu")', True),
        ("attributes:domain OR attributes:a OR attributes:b", True),
        ('attributes.domain="\\u0063om"', True),
    ],
)
def test_a_filter_means_what_google_documents(expression: str, matches: bool) -> None:
    assert compiled(expression)(ATTRIBUTES) is matches


@pytest.mark.parametrize(
    "expression",
    [
        "attributes",
        "attributes.domain",
        "attributes.domain == 3",
        "attributes.domain = com",
        'data = "x"',
        "attributes:a AND",
        "attributes:a attributes:b",
        "(attributes:a",
        "attributes:a)",
        "attributes:a AND attributes:b OR attributes:c",
        'attributes.a < "b"',
        'attributes.a = "unfinished',
        'attributes.a = "bad \\q escape"',
        "hasPrefix(attributes.a)",
        "attributes.",
        "@",
        f'attributes.a = "{"x" * 256}"',
    ],
)
def test_what_is_not_a_filter_is_refused(expression: str) -> None:
    with pytest.raises(InvalidArgument):
        compiled(expression)


keys, values = st.sampled_from(["a", "b-c", "d e"]), st.sampled_from(["", "x", "xy", 'q"'])
leaves = st.one_of(st.tuples(st.just("has"), keys), st.tuples(st.sampled_from(["=", "!=", "prefix"]), keys, values))
trees = st.recursive(
    leaves, lambda inner: st.one_of(st.tuples(st.just("NOT"), inner), st.tuples(st.sampled_from(["AND", "OR"]), inner, inner)), max_leaves=4
)


@given(trees, st.dictionaries(keys, values))
def test_any_expression_evaluates_like_the_tree_it_was_written_from(tree: Any, attributes: dict[str, str]) -> None:
    assert compiled(written(tree))(attributes) is evaluated(tree, attributes)


def written(tree: Any) -> str:
    kind, *parts = tree
    if kind == "has":
        return f"attributes:{json.dumps(parts[0])}"
    if kind in ("=", "!="):
        return f"attributes.{json.dumps(parts[0])} {kind} {json.dumps(parts[1])}"
    if kind == "prefix":
        return f"hasPrefix(attributes.{json.dumps(parts[0])}, {json.dumps(parts[1])})"
    if kind == "NOT":
        return f"NOT ({written(parts[0])})"
    return f"({written(parts[0])}) {kind} ({written(parts[1])})"


def evaluated(tree: Any, attributes: dict[str, str]) -> bool:
    kind, *parts = tree
    if kind == "has":
        return parts[0] in attributes
    if kind in ("=", "!="):
        return (attributes.get(parts[0]) == parts[1]) is (kind == "=")
    if kind == "prefix":
        return parts[0] in attributes and attributes[parts[0]].startswith(parts[1])
    if kind == "NOT":
        return not evaluated(parts[0], attributes)
    sides = [evaluated(part, attributes) for part in parts]
    return all(sides) if kind == "AND" else any(sides)

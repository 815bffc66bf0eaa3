"""Mutations: which small changes are made to a module, and that each is exactly one change."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.mutants.mutations import Mutation, mutated, mutations

MODULE = '''"""A module about limits."""

LIMIT = 3
KNOWN = {"a", "b"}


def allowed(count: int, *, name: str, strict: bool = True) -> bool:
    """Never changed: 1 < 2."""
    if not strict or name in KNOWN:
        return count <= LIMIT
    for other in range(count):
        if other:
            break
        log(other)
    return any(one > 0 for one in (count, LIMIT) if one)
'''
ALL = list(mutations(MODULE))


def changes(text: str) -> list[tuple[str, str]]:
    return [(one.before, one.after) for one in mutations(text)]


@pytest.mark.parametrize(
    ("source", "change"),
    [
        ("a < b", ("a < b", "a <= b")),
        ("a == b != c", ("a == b != c", "a != b != c")),
        ("a == b != c", ("a == b != c", "a == b == c")),
        ("a in b", ("a in b", "a not in b")),
        ("a is None", ("a is None", "a is not None")),
        ("a and b", ("a and b", "a or b")),
        ("x = not a", ("not a", "a")),
        ("x = True", ("True", "False")),
        ("x = 4", ("4", "5")),
        ("x = a - b", ("a - b", "a + b")),
        ("x = a | b", ("a | b", "a")),
        ("x = min(a)", ("min", "max")),
        ("x = {'a', 'b'}", ("{'a', 'b'}", "{'b'}")),
        ("x = {'a': b, 'c': d}", ("{'a': b, 'c': d}", "{'a': b}")),
        ("save(x)", ("save(x)", "pass")),
        ("raise X", ("raise X", "pass")),
        ("if ready:\n    go()", ("ready", "not ready")),
        ("x = [y for y in z if y]", ("y", "True")),
        ("def f():\n    if a == b:\n        return 1\n    return 2", ("return 1", "pass")),
        ("for x in y:\n    continue", ("continue", "break")),
    ],
)
def test_each_kind_of_slip_is_made(source: str, change: tuple[str, str]) -> None:
    assert change in changes(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""Only words: 1."""',
        "x: Literal[1]",
        "if __name__ == '__main__':\n    run(1)",
        "def f() -> Literal[1]: ...",
        "@cache(1)\ndef f(): ...",
        "x = {'only'}",
        "x = f'{a}' + f'{b}'",
        "def f():\n    return x",
    ],
)
def test_what_would_change_nothing_or_break_at_once_is_left_alone(source: str) -> None:
    assert changes(source) == []


@given(st.sampled_from(ALL))
def test_a_mutation_changes_the_module_and_keeps_it_valid(one: Mutation) -> None:
    tree = mutated(MODULE, site=one.site, variant=one.variant)
    compile(tree, "module.py", "exec")
    assert ast.unparse(tree) != ast.unparse(ast.parse(MODULE))
    assert one.before != one.after


def test_no_two_mutations_are_the_same_module() -> None:
    texts = [ast.unparse(mutated(MODULE, site=one.site, variant=one.variant)) for one in ALL]
    assert len(set(texts)) == len(texts)


def test_what_runs_at_import_is_told_from_what_runs_in_a_call() -> None:
    at_import = {one.before for one in ALL if one.imported}
    assert at_import == {"3", "{'a', 'b'}", "True"}


def test_a_mutation_knows_the_lines_of_its_statement() -> None:
    text = "def f(a):\n    if a == (\n        1\n    ):\n        return g(\n            2\n        )\n    return 0"
    assert {one.before: one.lines for one in mutations(text)} == {
        "a == 1": range(2, 5),
        "1": range(2, 5),
        "return g(2)": range(5, 8),
        "2": range(5, 8),
        "0": range(8, 9),
    }

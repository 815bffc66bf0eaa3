"""Names: no drawers for everything, no promises for later, tests that read as sentences, URLs in kebab-case."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tests.architecture.sources import ALL, SHIPPED, Source, functions_of, sources

DRAWERS = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "base", "misc"}
DRAWER_WORDS = DRAWERS - {"base", "common"}
"""In longer names a base URL and a common subject are precise."""
PRODUCTS = re.compile("SecretManager|secret_?manager")
"""Google's name, not a drawer."""
OTHER_WORDS = {
    "tenant": "workspace",
    "blacklist": "suppression",
    "whitelist": "allow-list",
    "prospect": "contact",
    "soft_bounce": "bounced, with its kind",
    "rule_engine": "policy",
}
"""Words of the glossary's last column that name a thing of ours in no code."""
PROMISE = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
SEGMENT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)?|<[a-z_:]+>|\{[a-z_]+\}")
ADDRESS = re.compile(r"/[A-Za-z0-9_<{][\w<>{}:./-]*")
FEWEST_WORDS = 4


def test_no_file_or_folder_is_a_drawer_for_everything() -> None:
    bad = [source.name for source in sources(*ALL) if set(source.name.removesuffix(".py").split("/")) & DRAWERS]
    assert not bad, bad


def test_no_class_or_function_is_named_after_a_drawer() -> None:
    bad = [
        f"{source.name}:{node.lineno} {node.name}"
        for source in sources(*SHIPPED, "emulators", "infra")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and DRAWER_WORDS & set(_words(PRODUCTS.sub("", node.name)))
    ]
    assert not bad, bad


def test_code_uses_the_words_of_the_glossary() -> None:
    bad = [
        f"{source.name}:{line} {name}: say {OTHER_WORDS[word]}"
        for source in sources(*SHIPPED)
        for name, line in _defined(source)
        for word in OTHER_WORDS
        if word in "_".join(_words(name))
    ]
    assert not bad, "\n".join(bad)


def test_nothing_is_promised_for_later() -> None:
    bad = [
        f"{source.name}:{token.start[0]} {token.string}"
        for source in sources(*ALL)
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline)
        if token.type == tokenize.COMMENT and PROMISE.search(token.string)
    ]
    assert not bad, bad


def test_nothing_is_left_unimplemented() -> None:
    bad = [
        f"{source.name}:{node.lineno}"
        for source in sources(*SHIPPED, "emulators", "infra")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name) and node.id == "NotImplementedError"
    ]
    assert not bad, bad


def test_every_test_is_named_as_a_sentence() -> None:
    bad = [
        f"{source.name}:{function.lineno} {function.name}"
        for source in sources("tests")
        for function in functions_of(source)
        if function.name.startswith("test_") and len(function.name.split("_")) - 1 < FEWEST_WORDS
    ]
    assert not bad, bad


def test_every_module_says_what_it_is_in_three_lines_or_less() -> None:
    bad = [source.name for source in sources(*ALL) if not 1 <= len(_told(source)) <= 3]
    assert not bad, bad


def test_our_urls_are_written_in_kebab_case() -> None:
    bad = [
        f"{source.name}:{line} {address}"
        for source in sources("functions", "shared/runtime", "shared/wiring.py")
        for address, line in _addresses(source)
        if not all(SEGMENT.fullmatch(part) for part in address.strip("/").split("/"))
    ]
    assert not bad, bad


def _told(source: Source) -> list[str]:
    return [line for line in (ast.get_docstring(source.tree) or "").splitlines() if line.strip()]


def _words(name: str) -> list[str]:
    """`draft_writer` and `DraftWriter` alike."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)]


def _defined(source: Source) -> Iterator[tuple[str, int]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno


def _addresses(source: Source) -> Iterator[tuple[str, int]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ADDRESS.fullmatch(node.value):
            yield node.value, node.lineno

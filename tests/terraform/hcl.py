"""Terraform files as Python reads them, and our rules about them; for the tests in this folder."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import hcl2

ROOT = Path(__file__).resolve().parents[2]
TERRAFORM = ROOT / "terraform"
SNAKE = re.compile(r"[a-z][a-z0-9_]*")
REGION = re.compile(r"\b(?:africa|asia|australia|europe|me|northamerica|southamerica|us)-[a-z]+[0-9]\b")
SECRET = re.compile(r"sk-[A-Za-z0-9]{8}|AIza[\w-]{20}|GOCSPX-|-----BEGIN|pat-[a-z]{2}\d-|ya29\.")
VALUES_OF_SECRETS = ("google_secret_manager_secret_version", "google_service_account_key", "random_password")
DESCRIBED = re.compile(r"[A-Z].*", re.S)
BLOCKS = ("resource", "data", "module", "variable", "output")


@dataclass(frozen=True)
class Block:
    """`labels` are the quoted words behind the kind: type and name of a resource, the name alone of the others."""

    kind: str
    labels: tuple[str, ...]
    body: dict[str, Any]

    @property
    def name(self) -> str:
        return self.labels[-1]


@dataclass(frozen=True)
class Module:
    """All *.tf files of one folder, which Terraform reads as one."""

    folder: Path
    text: str
    blocks: tuple[Block, ...]
    locals: frozenset[str]

    def of(self, kind: str) -> tuple[Block, ...]:
        return tuple(one for one in self.blocks if one.kind == kind)

    @property
    def is_environment(self) -> bool:
        return self.folder.parent.name == "environments"


def files(folder: Path = TERRAFORM) -> list[Path]:
    return sorted(path for path in folder.rglob("*.tf") if ".terraform" not in path.parts)


@cache
def modules(folder: Path = TERRAFORM) -> tuple[Module, ...]:
    return tuple(read_module(one) for one in sorted({path.parent for path in files(folder)}))


def read_module(folder: Path) -> Module:
    sources = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.tf"))]
    parsed = [_plain(hcl2.loads(source)) for source in sources]
    blocks = tuple(block for content in parsed for block in _blocks(content))
    named = frozenset(name for content in parsed for group in content.get("locals", []) for name in group if not name.startswith("__"))
    return Module(folder, "\n".join(_without_comments(source) for source in sources), blocks, named)


def _plain(value: Any) -> Any:
    """Without the quotation marks that some releases of the parser leave around keys and strings."""
    if isinstance(value, dict):
        return {_plain(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value[1:-1] if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"' else value


def _blocks(content: dict[str, Any]) -> Iterator[Block]:
    for kind in BLOCKS:
        for one in content.get(kind, []):
            depth = 2 if kind in ("resource", "data") else 1
            for labels, body in _labelled(one, depth):
                yield Block(kind, labels, body)


def _labelled(value: dict[str, Any], depth: int) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    if depth == 0:
        yield (), value
        return
    for label, inner in value.items():
        if not label.startswith("__"):
            for labels, body in _labelled(inner, depth - 1):
                yield (label, *labels), body


def _without_comments(source: str) -> str:
    return re.sub(r"(?m)^\s*#.*$|\s#\s.*$", "", source)


# Rules: each yields one sentence per mistake.
def undescribed_variables(module: Module) -> Iterator[str]:
    for one in module.of("variable"):
        if not one.body.get("type"):
            yield f"variable {one.name} has no type"
        if not DESCRIBED.fullmatch(one.body.get("description", "")):
            yield f"variable {one.name} has no description that begins with a capital"


def undescribed_outputs(module: Module) -> Iterator[str]:
    for one in module.of("output"):
        if not DESCRIBED.fullmatch(one.body.get("description", "")):
            yield f"output {one.name} has no description that begins with a capital"


def unused_names(module: Module) -> Iterator[str]:
    """A variable's own validation is no use of it."""
    used = re.sub(r'(?ms)^variable ".*?^\}', "", module.text)
    for one in module.of("variable"):
        if not re.search(rf"\bvar\.{one.name}\b", used):
            yield f"variable {one.name} is not used"
    for name in sorted(module.locals):
        if not re.search(rf"\blocal\.{name}\b", used):
            yield f"local {name} is not used"
    for one in module.of("data"):
        if not re.search(rf"\bdata\.{one.labels[0]}\.{one.name}\b", used):
            yield f"data {one.labels[0]}.{one.name} is not used"


def names_not_in_snake_case(module: Module) -> Iterator[str]:
    for name in [*(one.name for one in module.blocks), *module.locals]:
        if not SNAKE.fullmatch(name):
            yield f"{name} is not in snake_case"


def places_written_down(module: Module) -> Iterator[str]:
    """Where something runs is an input. Examples in error messages don't count."""
    for line in module.text.splitlines():
        if REGION.search(line) and "error_message" not in line:
            yield f"a region is written down: {line.strip()}"
        if re.search(r'^\s*(?:project|project_id)\s*=\s*"', line):
            yield f"a project is written down: {line.strip()}"


def resources_outside_modules(module: Module) -> Iterator[str]:
    if module.is_environment:
        for one in (*module.of("resource"), *module.of("data")):
            yield f"{one.labels[0]}.{one.name} belongs into a module"


def secrets_in_state(module: Module) -> Iterator[str]:
    for line in module.text.splitlines():
        if SECRET.search(line):
            yield "a literal looks like a secret"
    for one in (*module.of("resource"), *module.of("data")):
        if one.labels[0].startswith(VALUES_OF_SECRETS):
            yield f"{one.labels[0]}.{one.name} would keep a secret's value in the state"


def unpinned_providers(module: Module) -> Iterator[str]:
    """Every folder says which Terraform and which providers it was written for, with an upper bound."""
    if not re.search(r'required_version\s*=\s*"[^"]*<', module.text):
        yield "required_version has no upper bound"
    used = {one.labels[0].partition("_")[0] for one in (*module.of("resource"), *module.of("data"))}
    for provider in sorted(used):
        if not re.search(rf'{provider}\s*=\s*\{{[^}}]*version\s*=\s*"(?:~>|[^"]*<)', module.text):
            yield f"provider {provider} is not pinned"


RULES = (
    undescribed_variables,
    undescribed_outputs,
    unused_names,
    names_not_in_snake_case,
    places_written_down,
    resources_outside_modules,
    secrets_in_state,
    unpinned_providers,
)

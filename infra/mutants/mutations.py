"""Small ways to break a module: found in its syntax tree, applied one at a time. Pure; for infra.mutants.session and .cold."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}
TWINS = {"any": "all", "all": "any", "min": "max", "max": "min"}
COLLECTIONS = (ast.JoinedStr, ast.List, ast.Tuple)
UNTOUCHED = {"annotation", "returns", "decorator_list", "bases", "type_params"}
"""Fields whose change is no change of behaviour, or breaks at once."""


@dataclass(frozen=True)
class Mutation:
    """The `variant`-th way to break the `site`-th node. `lines` hold the statement; `imported` says it runs when imported."""

    site: int
    variant: int
    lines: range
    imported: bool
    before: str
    after: str


@dataclass(frozen=True)
class Site:
    """A node, where it hangs, and what encloses it."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST
    lines: range
    imported: bool

    def replace(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutations(text: str) -> Iterator[Mutation]:
    """Every way to break this module, in a stable order."""
    for number, site in enumerate(_sites(ast.parse(text))):
        for variant, changed in enumerate(_alternatives(site)):
            yield Mutation(number, variant, site.lines, site.imported, _short(site.node), _short(changed))


def mutated(text: str, *, site: int, variant: int) -> ast.Module:
    """The module's tree with this one change in it."""
    tree = ast.parse(text)
    chosen = list(_sites(tree))[site]
    chosen.replace(list(_alternatives(chosen))[variant])
    return ast.fix_missing_locations(tree)


def _sites(tree: ast.Module) -> Iterator[Site]:
    yield from _below(tree, lines=range(0), imported=True)


def _below(parent: ast.AST, *, lines: range, imported: bool) -> Iterator[Site]:
    for field, value in ast.iter_fields(parent):
        if field in UNTOUCHED:
            continue
        runs_later = isinstance(parent, ast.FunctionDef) and field == "body"
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(node, ast.AST) and not _is_docstring(node) and not _is_command_line(node):
                around = _lines_of(node) if isinstance(node, ast.stmt) else lines
                at_import = imported and not runs_later
                yield Site(parent, field, index, node, around, at_import)
                yield from _below(node, lines=around, imported=at_import)


def _lines_of(statement: ast.stmt) -> range:
    """A simple statement's lines, or the head's of a compound one."""
    body = getattr(statement, "body", None)
    end = body[0].lineno - 1 if isinstance(body, list) and body else statement.end_lineno or statement.lineno
    return range(statement.lineno, max(end, statement.lineno) + 1)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_command_line(node: ast.AST) -> bool:
    """`if __name__ == "__main__"`: broken, it would run the program for real."""
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def _alternatives(site: Site) -> Iterator[ast.AST]:
    node = site.node
    if isinstance(node, ast.expr):
        yield from _other_expressions(node)
    if isinstance(node, ast.stmt):
        yield from _other_statements(node, site)
    if site.field == "test" and isinstance(node, ast.Name | ast.Attribute | ast.Call):
        yield ast.UnaryOp(ast.Not(), node)
    if site.field == "ifs":
        yield ast.Constant(value=True)


def _other_expressions(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Compare):
        yield from _other_comparisons(node)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.BinOp):
        yield from _other_sums(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float):
        yield ast.Constant(not node.value if isinstance(node.value, bool) else node.value + 1)
    elif isinstance(node, ast.Name) and node.id in TWINS and isinstance(node.ctx, ast.Load):
        yield ast.Name(TWINS[node.id], ast.Load())
    elif isinstance(node, ast.Set | ast.Dict):
        yield from _smaller(node)


def _other_comparisons(node: ast.Compare) -> Iterator[ast.Compare]:
    for index, operator in enumerate(node.ops):
        operators = [*node.ops[:index], COMPARISONS[type(operator)](), *node.ops[index + 1 :]]
        yield ast.Compare(node.left, operators, node.comparators)


def _other_sums(node: ast.BinOp) -> Iterator[ast.expr]:
    """Texts and lists are only ever added, so another operator would break at once; a union loses its right side."""
    if isinstance(node.op, ast.BitOr):
        yield node.left
    elif type(node.op) in ARITHMETIC and not isinstance(node.left, COLLECTIONS) and not isinstance(node.right, COLLECTIONS):
        yield ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)


def _smaller(node: ast.Set | ast.Dict) -> Iterator[ast.expr]:
    """The set or table without one of its entries."""
    entries = node.elts if isinstance(node, ast.Set) else node.values
    for index in range(len(entries) if len(entries) > 1 else 0):
        smaller = copy.copy(node)
        for field in ("elts",) if isinstance(node, ast.Set) else ("keys", "values"):
            values = getattr(node, field)
            setattr(smaller, field, [*values[:index], *values[index + 1 :]])
        yield smaller


def _other_statements(node: ast.stmt, site: Site) -> Iterator[ast.stmt]:
    """Effects and guards left out; loops ended at the wrong moment."""
    effect = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    early_return = isinstance(node, ast.Return) and not isinstance(site.parent, ast.FunctionDef)
    if effect or early_return or isinstance(node, ast.Raise | ast.AugAssign):
        yield ast.Pass()
    elif isinstance(node, ast.Break):
        yield ast.Continue()
    elif isinstance(node, ast.Continue):
        yield ast.Break()


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 100 else text[:99] + "…"

"""What a line may touch, by the room it stands in (docs/architecture.md); imports are import-linter's."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "wrkq_files"
MODULES = sorted(PACKAGE.rglob("*.py"))
#: A dotted name -> the rooms where it may be used.
ALLOWED = {
    "print": {"cli"},
    "input": {"cli"},
    "exit": {"cli"},
    "sys.exit": {"cli"},
    "sys.stdout": {"cli"},
    "sys.stderr": {"cli"},
    "sys.argv": {"cli"},
    "os.environ": {"cli", "git"},  # git/ hands it on to git, with more in it
    "os.getenv": {"cli"},
    "os.getcwd": {"cli"},
    "Path.cwd": {"cli"},
    "Path.home": set(),
    "datetime.now": {"cli"},
    "random.random": set(),
    "secrets.randbits": {"cli"},
    "secrets.token_bytes": {"cli"},
}
#: Tables of data, which say so in their first lines.
LONG_TABLES = {"model/fields.py"}


def room(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0]


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def uses(text: str) -> Iterator[tuple[str, int]]:
    """Every attribute and every called name, with its line."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            yield dotted(node.func if isinstance(node, ast.Call) else node), node.lineno


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(PACKAGE)))
def test_only_what_the_room_may_touch(module: Path) -> None:
    wrong = [
        f"{name}, line {line}"
        for name, line in uses(module.read_text())
        if room(module) not in ALLOWED.get(name, {room(module)})
    ]
    assert not wrong


def test_the_check_sees_what_it_looks_for() -> None:
    assert ("os.environ", 1) in set(uses("x = os.environ['A']"))
    assert ("print", 1) in set(uses("print(1)"))


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(PACKAGE)))
def test_modules_and_functions_fit_their_ceilings(module: Path) -> None:
    text = module.read_text()
    if module.relative_to(PACKAGE).as_posix() not in LONG_TABLES:
        assert text.count("\n") <= 400
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.end_lineno and _body_lines(node) > 50
    ]
    assert not long


def _body_lines(node: ast.FunctionDef) -> int:
    """Lines of code: a command's declared options are a table, and its docstring is its help."""
    first = node.body[1] if len(node.body) > 1 and ast.get_docstring(node) else node.body[0]
    return (node.end_lineno or 0) - first.lineno + 1

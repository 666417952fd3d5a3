"""The house stays readable: small files, few in a folder, Optuna's private names in one module."""

import ast
import statistics
from collections import Counter
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
PARTS = ("sweeper", "tools", "benchmarks")
MODULES = sorted(path for part in PARTS for path in (CHECKOUT / part).rglob("*.py"))
LINES = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
TESTS = sorted((CHECKOUT / "tests").rglob("*.py"))

#: One file per loss, however many there are.
MANY = {"sweeper/losses"}
PRIVATE = "sweeper/store/optuna_storage/private_names.py"


def shown(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def test_no_module_is_long() -> None:
    assert {shown(path): lines for path, lines in LINES.items() if lines > 350} == {}


def test_most_modules_are_short() -> None:
    assert statistics.median(LINES.values()) < 100


def test_no_folder_is_crowded() -> None:
    modules = Counter(shown(path.parent) for path in MODULES if path.stem != "__init__")
    crowded = {folder for folder, count in modules.items() if count > 20}
    assert crowded <= MANY


def test_no_test_is_long() -> None:
    lines = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in TESTS}
    assert {name: count for name, count in lines.items() if count > 400} == {}


@pytest.mark.parametrize("package", ["optuna"])
def test_private_names_are_imported_in_one_module(package: str) -> None:
    found = {shown(path) for path in MODULES if any(_private_imports(path, package))}
    assert found == {PRIVATE}


def _private_imports(path: Path, package: str) -> list[str]:
    """The private names of a package that a module imports, also of private modules."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    parts = [name.split(".") for name in names]
    return [".".join(of) for of in parts if of[0] == package and any(p[0] == "_" for p in of)]

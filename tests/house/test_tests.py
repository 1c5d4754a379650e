"""What keeps the tests good to read: each file of tests stands by itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import HOME

FILES = sorted((HOME / "tests").rglob("*.py"))


def imported_by(path: Path) -> Iterator[str]:
    """Yield what a file imports, each as the whole dotted name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{each.name}" for each in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOME)))
def test_no_file_of_the_tests_imports_a_test(path):
    in_tests = [name for name in imported_by(path) if name.startswith("tests.")]

    assert [name for name in in_tests if ".test_" in name] == []

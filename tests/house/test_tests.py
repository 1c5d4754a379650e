"""What keeps the tests good to read: each file of tests stands by itself."""

import ast

import pytest

from tests.house.tree import HOME

TESTS = sorted((HOME / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(HOME)))
def test_no_test_imports_another_test(path):
    imported = [
        node.module
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module
    ]

    assert [name for name in imported if ".test_" in name] == []

"""Turns of phrase that must be read twice do not come back (CONTRIBUTING.md, "Plain English")."""

import ast
import io
import re
import tokenize

import pytest

from tests.house.tree import DOCUMENTS, HOME

# Short and unambiguous on purpose: each of these has a plainer form.
RIDDLES = re.compile(
    r"""
    \b(?:is|are|was|were|be|been|unless)\ told\b(?!\ apart)    # reported, answered, returned
    | \btells?\ (?:of|what|who|which|whether|whoever)\b       # says, returns, logs
    | (?<!there\ )\b(?-i:is\ none)\b                           # does not exist
    | (?<!two\ )\bof\ which\b                                 # two sentences
    | \bbehind\ (?:it|them)\b                                 # after
    | \bwhoever\b                                             # name the role
    | (?:^|[.:;]\ )(?-i:One)\ (?:that|who|which)\b             # repeat the noun
    """,
    re.VERBOSE | re.IGNORECASE,
)
# What is shown: examples of what not to write, code.
SHOWN = re.compile(r"^## Plain English$.*?(?=^## )|^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def prose_of(source):
    """Yield the docstrings and comments of Python source, each as one line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield " ".join((ast.get_docstring(node) or "").split())
    comments = [
        token
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    ]
    # A comment of several lines is one text.
    yield " ".join(comment.string.lstrip("# ") for comment in comments)


def riddles_in(text):
    return [match.group() for match in RIDDLES.finditer(" ".join(text.split()))]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(HOME)))
def test_a_document_has_no_riddles(path):
    assert riddles_in(SHOWN.sub("", path.read_text())) == []


MODULES = sorted((HOME / "app").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOME)))
def test_docstrings_and_comments_have_no_riddles(path):
    assert [found for text in prose_of(path.read_text()) for found in riddles_in(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "The sender is told so.",
        "It tells of a call.",
        "Whoever asks",
        "One that waits",
        "all of which",
    ],
)
def test_a_riddle_is_found(text):
    assert riddles_in(text)


def test_plain_english_passes():
    assert riddles_in("Return the key that is stored, or None. The sender gets 409.") == []

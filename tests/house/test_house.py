"""What keeps the house good to live in: sizes, and documents that say what is there."""

import ast
import re

import pytest

from app.api.problem_table import PROBLEMS
from app.domain.audit import Act
from tests.house.tree import DOCUMENTS, HOME, text
from tests.routes import the_app

FILE_LINES_MAX, FUNCTION_LINES_MAX, DOCUMENT_COLUMNS_MAX = 250, 40, 120
ROOMS = ("app", "benchmarks", "faults", "migrations", "tests")
CODE = [path for room in ROOMS for path in (HOME / room).rglob("*.py")]


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(HOME)))
def test_a_file_and_its_functions_can_be_read_in_one_go(path):
    source = path.read_text()
    functions = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert source.count("\n") <= FILE_LINES_MAX
    for each in functions:
        assert each.end_lineno - each.lineno < FUNCTION_LINES_MAX, each.name


def routes():
    return [
        (method, re.sub(r"<(?:[a-z_]+:)?([a-z_]+)>", r"{\1}", rule.rule))
        for rule in the_app().url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    ]


@pytest.mark.parametrize("route", routes(), ids=" ".join)
def test_a_route_is_documented(route):
    assert f"`{' '.join(route)}" in text("docs/api.md")


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_is_documented_in_the_words_of_the_service(code):
    status, title, meaning = PROBLEMS[code]

    assert f"| `{code}` | {status} | {title}. {meaning} |\n" in text("docs/api.md")


@pytest.mark.parametrize("act", Act)
def test_an_act_is_documented(act):
    [log] = re.findall(r"^## Read the audit log$.*?(?=^## )", text("docs/api.md"), re.M | re.S)
    rows = [line for line in log.splitlines() if line.startswith("| `")]

    assert sum(f"`{act}`" in row for row in rows) == 1


@pytest.mark.parametrize(
    "name",
    sorted(
        {
            "TEST_DATABASE_URL",
            *re.findall(r'environ(?:\.get\(|\[|, )"([A-Z_]+)"', text("app/settings.py")),
        }
    ),
)
def test_a_setting_is_documented(name):
    assert f"`{name}`" in text("docs/operations/configure.md")
    assert name in text(".env.example") or name == "TEST_DATABASE_URL"


@pytest.mark.parametrize("command", sorted(the_app().cli.commands))
def test_a_command_is_documented(command):
    assert f"./pulso-server {command}" in text("docs/operations/commands.md")


@pytest.mark.parametrize("target", re.findall(r"^([a-z-]+):.*##", text("Makefile"), re.MULTILINE))
def test_a_target_of_make_is_documented(target):
    assert f"make {target}" in text("CONTRIBUTING.md")


@pytest.mark.parametrize(
    "name",
    re.findall(
        r"^([A-Za-z][A-Za-z0-9-]*)",
        "".join(map(text, ("requirements.in", "requirements-dev.in", "requirements-otel.in"))),
        re.M,
    ),
)
def test_a_library_is_there_for_a_reason(name):
    assert f"**{name}**" in text("docs/decisions/0001-libraries.md")


def test_requirements_are_pinned_with_hashes():
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-otel.txt"):
        pins = re.findall(r"^[A-Za-z].*$", text(name), re.MULTILINE)
        assert pins
        assert all("==" in pin for pin in pins)
        assert text(name).count("--hash=sha256:") >= len(pins)


def test_no_migration_imports_the_app():
    for path in (HOME / "migrations" / "versions").glob("*.py"):
        assert "from app" not in path.read_text()
        assert "import app" not in path.read_text()


def test_ci_calls_what_the_readme_says():
    commands = re.findall(r"^make [a-z]+", text(".ci/run"), re.MULTILINE)

    assert {"make check", "make test"} <= set(commands)
    assert all(command in text("README.md") for command in commands)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(HOME)))
def test_a_document_has_short_lines_but_in_tables_and_what_is_shown(path):
    prose = re.sub(r"^(```.*?^```|\|.*?)$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)

    assert [line for line in prose.splitlines() if len(line) > DOCUMENT_COLUMNS_MAX] == []


def headings(path):
    """Return the anchors of the headings of a document, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 _-]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(HOME)))
def test_a_link_in_a_document_leads_somewhere(path):
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", path.read_text()):
        linked = path.parent / target if target else path

        assert linked.exists(), target
        assert not anchor or anchor in headings(linked), f"{target}#{anchor}"


@pytest.mark.parametrize(
    "path", sorted((HOME / "docs/decisions").glob("0*.md")), ids=lambda path: path.name
)
def test_a_decision_is_in_the_index(path):
    number = int(path.name[:4])

    assert path.read_text().startswith(f"# {number}. ")
    assert f"| [{number}]({path.name}) |" in text("docs/decisions/README.md")


def test_the_layers_are_documented():
    [layers] = re.findall(r"^layers =\n((?: {4}.*\n)+)", text("setup.cfg"), re.MULTILINE)
    downward = " → ".join(layers.split("\n")[:-1])

    assert " ".join(downward.split()) in " ".join(text("CONTRIBUTING.md").split())


@pytest.mark.parametrize(
    "room", sorted(each.parent.name for each in HOME.glob("app/*/__init__.py"))
)
def test_a_room_is_in_the_readme_and_in_the_diagram(room):
    assert f"`app/{room}/`" in text("README.md")
    assert f'{room}["{room}: ' in text("docs/architecture.md")

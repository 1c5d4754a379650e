"""What documents print as a command can be run as it is printed, and help is whole."""

import re
import shlex

import click
import pytest

from tests.house.tree import DOCUMENTS, HOME
from tests.routes import the_app

CLI = the_app().cli
# A sentence may name a command without its options; in a block it stands as it is run.
_BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SHOWN = re.compile(r"\./pulso-server (?!\"\$@)([^\n#>&`]+)")


def printed():
    for path in [*DOCUMENTS, HOME / "Procfile"]:
        text = path.read_text()
        for block in _BLOCK.findall(text) if path.suffix == ".md" else [text]:
            yield from _SHOWN.findall(re.sub(r"`[^`\n]*`", "", block))


def parse(command, words):
    """Fail if `words` are not a command, or lack what it needs."""
    # As in the application: a command keeps the first names of its help option.
    context = click.Context(command, help_option_names=["-h", "--help"])
    given, rest, _ = command.make_parser(context).parse_args(list(words))
    if isinstance(command, click.Group):
        _, below, rest = command.resolve_command(context, rest)
        parse(below, rest)
    else:
        needed = {each.name for each in command.params if each.required}
        assert needed <= {name for name, value in given.items() if value}
        assert rest == []


@pytest.mark.parametrize("shown", sorted(set(printed())))
def test_a_printed_command_can_be_run(shown):
    # Brackets are around what may be left out.
    parse(CLI, shlex.split(shown.replace("[", "").replace("]", "")))


@pytest.mark.parametrize("wrong", ["keys create --name x", "keys make", "keys list --all", "keys"])
def test_an_incomplete_command_is_found(wrong):
    with pytest.raises((AssertionError, click.UsageError, IndexError)):
        parse(CLI, wrong.split())


def every(command, *names):
    below = command.commands if isinstance(command, click.Group) else {}
    return [names, *(found for name in below for found in every(below[name], *names, name))]


@pytest.mark.parametrize("names", every(CLI), ids=" ".join)
def test_help_is_whole_on_every_level(names):
    short, long = (
        the_app().test_cli_runner().invoke(args=[*names, each]) for each in ("-h", "--help")
    )

    assert (short.exit_code, short.output) == (0, long.output)
    assert "..." not in short.output.replace("[ARGS]...", "")


def test_the_version_is_printed():
    assert the_app().test_cli_runner().invoke(args=["--version"]).output == "Pulso 0\n"

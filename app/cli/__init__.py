"""The command line: `./pulso-server COMMAND`, which is `python -m app COMMAND`."""

import click
from flask import Flask

from app.cli import (
    billing_zone,
    calls,
    checks,
    fingerprint,
    keys,
    migrate,
    privacy,
    psql,
    reconcile,
    subscribers,
    suspense,
    tariffs,
    what_if,
)

_COMMANDS = (
    billing_zone.billing_zone,
    calls.call_commands,
    checks.check_commands,
    fingerprint.fingerprint,
    keys.group,
    migrate.migrate,
    privacy.privacy,
    psql.psql,
    reconcile.reconcile,
    subscribers.subscribers,
    suspense.suspense_commands,
    tariffs.tariff_commands,
    what_if.what_if,
)


def register_commands(app: Flask, version: str) -> None:
    """Add the commands to the command line of `app`, and `--version`."""
    app.cli.context_settings = {"help_option_names": ["-h", "--help"]}
    click.version_option(version, prog_name="Pulso", message="%(prog)s %(version)s")(app.cli)
    for command in _COMMANDS:
        _summarise(command)
        app.cli.add_command(command)


def _summarise(command: click.Command) -> None:
    """List `command`, and those below it, by the first sentence of its help: click would cut it."""
    assert command.help is not None  # Each command has a docstring.
    command.short_help = " ".join(command.help.partition("\n\n")[0].split())
    for each in command.commands.values() if isinstance(command, click.Group) else ():
        _summarise(each)

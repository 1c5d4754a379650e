"""The command line: `python -m app COMMAND`, or `flask --app app.wsgi COMMAND`."""

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


def register_commands(app: Flask) -> None:
    """Add the commands to the command line of `app`."""
    for command in _COMMANDS:
        app.cli.add_command(command)

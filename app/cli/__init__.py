"""The command line: `python -m app COMMAND`, on the database that `python -m app` serves."""

from flask import Flask

from app.cli import fingerprint, keys, privacy, reconcile, subscribers, suspense, tariffs, what_if

_COMMANDS = (
    fingerprint.fingerprint,
    keys.group,
    privacy.privacy,
    reconcile.reconcile,
    subscribers.subscribers,
    suspense.suspense_commands,
    tariffs.tariff_commands,
    what_if.what_if,
)


def register_commands(app: Flask) -> None:
    """Give `app` its commands."""
    for command in _COMMANDS:
        app.cli.add_command(command)

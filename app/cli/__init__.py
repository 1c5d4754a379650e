"""The command line: `python -m app COMMAND`, on the database that `python -m app` serves."""

from flask import Flask

from app.cli import fingerprint, privacy, reconcile


def register_commands(app: Flask) -> None:
    """Give `app` its commands."""
    for command in (reconcile.reconcile, fingerprint.fingerprint, privacy.privacy):
        app.cli.add_command(command)

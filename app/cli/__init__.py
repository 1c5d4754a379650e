"""The command line: `python -m app COMMAND`, on the database that `python -m app` serves."""

from flask import Flask

from app.cli import reconcile, suspense


def register_commands(app: Flask) -> None:
    """Give `app` its commands."""
    for command in (reconcile.reconcile, suspense.suspense_commands):
        app.cli.add_command(command)

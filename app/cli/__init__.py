"""The command line: `python -m app COMMAND`, on the database that `python -m app` serves."""

from flask import Flask

from app.cli import reconcile, what_if


def register_commands(app: Flask) -> None:
    """Give `app` its commands."""
    for command in (reconcile.reconcile, what_if.what_if):
        app.cli.add_command(command)

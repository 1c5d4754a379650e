"""The command line: `python -m app COMMAND`, on the database that `python -m app` serves."""

from flask import Flask

from app.cli import reconcile, tariffs


def register_commands(app: Flask) -> None:
    """Give `app` its commands."""
    for command in (reconcile.reconcile, tariffs.tariff_commands):
        app.cli.add_command(command)

"""The command line: `python -m app COMMAND`, on the database that `python -m app` serves."""

from datetime import UTC, datetime

import click
from flask import Flask

from app.services.pricing import Pricing


def register_commands(app: Flask) -> None:
    """Give `app` its commands."""

    @app.cli.command()
    def reconcile() -> None:
        """Price every complete call that has no price; there should be none."""
        pricing: Pricing = app.extensions["pulso"]
        priced = pricing.reconcile(datetime.now(UTC))
        if priced:
            click.echo(f"{priced} complete calls had no price and were priced.")
        else:
            click.echo("Every complete call has its price.")

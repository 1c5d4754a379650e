"""`python -m app reconcile`: what should be there already, made sure of."""

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from app.services.pricing import Pricing


@click.command()
@with_appcontext
def reconcile() -> None:
    """Price every complete call that has no price; there should be none."""
    pricing: Pricing = current_app.extensions["pulso"]
    priced = pricing.reconcile(datetime.now(UTC))
    if priced:
        click.echo(f"{priced} complete calls had no price and were priced.")
    else:
        click.echo("Every complete call has its price.")

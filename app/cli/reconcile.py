"""`python -m app reconcile`: what should be there already, made sure of."""

from collections import Counter
from datetime import UTC, datetime

import click
from flask import current_app

from app.cli.standard_error import service_command
from app.cli.suspense import became, retried_pages, told
from app.services.pricing import Pricing
from app.services.suspense_retry import PASSING

_ACTOR = "reconcile"


@click.command()
@service_command
def reconcile() -> None:
    """Price complete calls without a price, and store suspended records whose time has come."""
    pricing: Pricing = current_app.extensions["pulso"]
    priced = pricing.reconcile(datetime.now(UTC))
    if priced:
        click.echo(f"{priced} complete calls had no price and were priced.")
    else:
        click.echo("Every complete call has its price.")
    for reason in PASSING:
        # What still waits for the same reason is not worth a word.
        counts = Counter(
            became(each)
            for page in retried_pages(reason, _ACTOR)
            for each in page.retried
            if each.outcome.reason != reason
        )
        if counts:
            click.echo(f"{counts.total()} records suspended as {reason}: {told(counts)}.")

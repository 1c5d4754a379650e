"""`./pulso-server reconcile`: price and store what a failure may have left open."""

from collections import Counter
from datetime import UTC, datetime

import click

from app.cli.context import pricing
from app.cli.standard_error import service_command
from app.cli.suspense import counts_text, outcome_text, retried_pages
from app.services.suspense_retry import PASSING

_ACTOR = "reconcile"


@click.command()
@service_command
def reconcile() -> None:
    """Price complete calls without a price, and store suspended records whose time has come."""
    priced = pricing().reconcile(datetime.now(UTC))
    if priced:
        click.echo(f"{priced} complete calls had no price and were priced.")
    else:
        click.echo("Every complete call has its price.")
    for reason in PASSING:
        # Do not report records that stay suspended for the same reason.
        counts = Counter(
            outcome_text(each)
            for page in retried_pages(reason, _ACTOR)
            for each in page.retried
            if each.outcome.reason != reason
        )
        if counts:
            click.echo(f"{counts.total()} records suspended as {reason}: {counts_text(counts)}.")

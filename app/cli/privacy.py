"""`./pulso-server privacy`: keep personal data no longer than needed."""

from datetime import UTC, datetime

import click
from flask import current_app

from app.cli.context import actor, pricing
from app.cli.standard_error import service_command
from app.domain.period import BillingPeriod
from app.services import privacy as services


@click.group()
def privacy() -> None:
    """Keep personal data no longer than needed."""


@privacy.command()
@click.option("--periods-before", required=True, metavar="YYYY-MM", help="The first month to keep.")
@service_command
def pseudonymise(periods_before: str) -> None:
    """Replace the telephone numbers of old calls for good; their prices stay."""
    key = current_app.extensions["pulso_settings"].pseudonym_key
    if key is None:
        raise click.ClickException("PSEUDONYM_KEY is not set.")
    count = services.pseudonymise(
        BillingPeriod.read(periods_before),
        key,
        actor=actor(),
        billing_zone=pricing().billing_zone,
        now=datetime.now(UTC),
    )
    click.echo(f"The numbers of {count} calls were replaced.")

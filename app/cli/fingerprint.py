"""`python -m app fingerprint`: lines to compare before a backup and after a restore."""

import click

from app.cli.standard_error import service_command
from app.limits.deadline import Deadline
from app.services.fingerprint import take_fingerprint


@click.command()
@service_command
def fingerprint() -> None:
    """Print a summary of what is stored: equal contents print equal lines."""
    for name, rows, cents, digest in take_fingerprint(deadline=Deadline.start()):
        sum_of_prices = "-" if cents is None else f"{cents} cents"
        click.echo(f"{name:<20}{rows:>12} rows{sum_of_prices:>22}  {digest}")

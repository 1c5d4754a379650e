"""`./pulso-server billing-zone`: the zone in which the installation bills."""

from zoneinfo import ZoneInfo

import click

from app.cli.context import actor, pricing
from app.cli.standard_error import service_command
from app.domain.zones import iana_zone
from app.limits.deadline import Deadline
from app.services import installation


def _zone(_: click.Context, argument: click.Parameter, value: str | None) -> ZoneInfo | None:
    try:
        return None if value is None else iana_zone(value)
    except ValueError as error:
        raise click.BadParameter(str(error), param=argument) from None


@click.command("billing-zone")
@click.argument("zone", required=False, callback=_zone)
@service_command
def billing_zone(zone: ZoneInfo | None) -> None:
    """Print the zone in which the installation bills, or change it to ZONE.

    Calls that have a price keep their month.
    """
    if zone is None:
        click.echo(pricing().billing_zone)
        return
    installation.change_billing_zone(zone, actor=actor(), deadline=Deadline.start())
    click.echo(
        f"This installation bills in {zone} from the next start on. Restart the service now, with"
        f" BILLING_TIMEZONE={zone} or without it. The hours of a tariff stay in its own zone."
    )

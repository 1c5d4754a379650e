"""The statements on `installation`: the zone in which it bills (rule 20)."""

from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, text, update

from app.database.models import Installation

_IS_KNOWN = text("SELECT to_regclass('installation') IS NOT NULL")


def billing_zone(connection: Connection) -> ZoneInfo | None:
    """Return the zone in which the installation bills; None before the migration that stores it."""
    if not connection.scalar(_IS_KNOWN):
        return None
    return ZoneInfo(connection.execute(select(Installation.billing_zone)).scalar_one())


def change_billing_zone(connection: Connection, zone: ZoneInfo) -> None:
    """Store the zone in which the installation bills from now on."""
    connection.execute(update(Installation).values(billing_zone=zone.key))

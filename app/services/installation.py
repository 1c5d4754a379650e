"""The zone in which an installation bills, stored at its first migration (rule 20)."""

from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.database.transactions import transaction, write
from app.domain.audit import Act, Deed
from app.limits.deadline import Deadline
from app.store import audit, installation

_SUBJECT = "billing zone"


def billing_zone() -> ZoneInfo | None:
    """Return the zone in which the installation bills; None before the migration that stores it.

    Raises one of `FAILURES`, at once, when the database does not answer. It runs without the
    watchdog, whose thread must not exist yet when gunicorn forks its workers.
    """
    with transaction(None, read_only=True) as connection:
        return installation.billing_zone(connection)


def change_billing_zone(zone: ZoneInfo, *, actor: str, deadline: Deadline) -> None:
    """Bill in `zone` from the next start on; the months of calls with a price stay as they are."""

    def change(connection: Connection) -> None:
        before = installation.billing_zone(connection)
        assert before is not None  # Commands run on the schema of this release.
        installation.change_billing_zone(connection, zone)
        states = {"billing_zone": before.key}, {"billing_zone": zone.key}
        audit.record(connection, [Deed(actor, Act.BILLING_ZONE_CHANGED, _SUBJECT, *states)])

    write(change, deadline=deadline)

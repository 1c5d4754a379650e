"""Whether the service can work now: the database answers, writes, is durable, has the schema."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.database.retry import retry
from app.database.transactions import read, transaction
from app.limits import times
from app.limits.deadline import Deadline
from app.store import installation, server

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


def check_ready(schema_head: str, billing_zone: ZoneInfo, *, deadline: Deadline) -> list[str]:
    """Return what prevents the service from working, as sentences; an empty list when ready.

    A schema newer than `schema_head` is no problem: it works with the release before it.
    `billing_zone` is the zone in which this service bills. Raises Unavailable when the database
    does not answer.
    """

    def attempt() -> list[str]:
        with transaction(deadline, read_only=True) as connection:
            return list(_problems(connection, schema_head, billing_zone))

    return retry(attempt, deadline, seconds_max=times.PROBE_RETRY_SECONDS_MAX)


def has_old_schema(schema_head: str, deadline: Deadline) -> bool:
    """Return whether the database has an older schema than `schema_head`, or none at all."""
    return read(lambda connection: _has_old_schema(connection, schema_head), deadline=deadline)


def connections_allowed(*, deadline: Deadline) -> int:
    """Return how many connections the service can have to its database.

    Raises Unavailable, at once, when the database does not answer. It runs without the watchdog,
    whose thread must not exist yet when gunicorn forks its workers.
    """

    def attempt() -> int:
        with transaction(None, read_only=True) as connection:
            return server.connections_allowed(connection)

    return retry(attempt, deadline, seconds_max=0)


def _problems(connection: Connection, schema_head: str, billing_zone: ZoneInfo) -> Iterator[str]:
    if server.parameters(connection, DURABLE) != DURABLE:
        yield "the database is set up so that it could lose what it acknowledged"
    if server.only_reads(connection):
        yield "the database only reads"
    if _has_old_schema(connection, schema_head):
        yield "the database has an older schema than this release"
    if (stored := installation.billing_zone(connection)) not in (None, billing_zone):
        yield f"the installation bills in {stored}, and this service in {billing_zone}"


def _has_old_schema(connection: Connection, schema_head: str) -> bool:
    return (server.schema_revision(connection) or "") < schema_head

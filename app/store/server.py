"""What the database server says of itself."""

from collections.abc import Iterable

from sqlalchemy import Connection

from app.database.statements import driver_cursor

# What is kept for superusers is not for the service; limits below zero are none. A setting that
# this version does not have counts as zero.
_CONNECTIONS_ALLOWED = """
    SELECT least(
        current_setting('max_connections')::integer
            - current_setting('superuser_reserved_connections')::integer
            - coalesce(current_setting('reserved_connections', true)::integer, 0),
        CASE WHEN rolconnlimit >= 0 THEN rolconnlimit END,
        CASE WHEN datconnlimit >= 0 THEN datconnlimit END
    )
    FROM pg_roles, pg_database WHERE rolname = session_user AND datname = current_database()
"""

_ONLY_READS = """
    SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean
"""


def parameters(connection: Connection, names: Iterable[str]) -> dict[str, str]:
    """Give the values in force of the server's parameters `names`."""
    cursor = driver_cursor(connection)
    cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", (list(names),))
    return dict(cursor)


def only_reads(connection: Connection) -> bool:
    """Say whether the server refuses to write: a standby, or one that was set up so."""
    cursor = driver_cursor(connection)
    cursor.execute(_ONLY_READS)
    [(answer,)] = cursor
    return bool(answer)


def schema_revision(connection: Connection) -> str | None:
    """Give the number of the last migration that was run; None before the first."""
    cursor = driver_cursor(connection)
    cursor.execute("SELECT to_regclass('alembic_version') IS NOT NULL")
    [(migrated,)] = cursor
    if not migrated:
        return None
    cursor.execute("SELECT version_num FROM alembic_version")
    row = cursor.fetchone()
    return None if row is None else row[0]


def connections_allowed(connection: Connection) -> int:
    """Give how many connections the server lets this role have to this database."""
    cursor = driver_cursor(connection)
    cursor.execute(_CONNECTIONS_ALLOWED)
    [(allowed,)] = cursor
    return int(allowed)

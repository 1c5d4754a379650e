"""What the database server says of itself."""

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, text

# Connections reserved for superusers are not for the service. A limit below zero means no limit,
# and a setting that this version does not have counts as zero.
_CONNECTIONS_ALLOWED = text("""
    SELECT least(
        current_setting('max_connections')::integer
            - current_setting('superuser_reserved_connections')::integer
            - coalesce(current_setting('reserved_connections', true)::integer, 0),
        CASE WHEN rolconnlimit >= 0 THEN rolconnlimit END,
        CASE WHEN datconnlimit >= 0 THEN datconnlimit END
    )
    FROM pg_roles, pg_database WHERE rolname = session_user AND datname = current_database()
""")
_ONLY_READS = text("""
    SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean
""")
_PARAMETERS = text("SELECT name, setting FROM pg_settings WHERE name IN :names").bindparams(
    bindparam("names", expanding=True)
)
_IS_MIGRATED = text("SELECT to_regclass('alembic_version') IS NOT NULL")
_SCHEMA_REVISION = text("SELECT version_num FROM alembic_version")


def parameters(connection: Connection, names: Collection[str]) -> dict[str, str]:
    """Return the values in force of the server's parameters `names`."""
    rows = connection.execute(_PARAMETERS, {"names": list(names)})
    return {row.name: row.setting for row in rows}


def only_reads(connection: Connection) -> bool:
    """Return whether the server refuses to write: a standby, or one configured as read-only."""
    return bool(connection.scalar(_ONLY_READS))


def schema_revision(connection: Connection) -> str | None:
    """Return the number of the last migration that was run; None before the first."""
    if not connection.scalar(_IS_MIGRATED):
        return None
    revision: str | None = connection.scalar(_SCHEMA_REVISION)
    return revision


def connections_allowed(connection: Connection) -> int:
    """Return how many connections the server allows this role to this database."""
    return int(connection.execute(_CONNECTIONS_ALLOWED).scalar_one())

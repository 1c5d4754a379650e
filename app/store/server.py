"""What the database server says of itself."""

from collections.abc import Iterable

from app.db import Cursor


def parameters(cursor: Cursor, names: Iterable[str]) -> dict[str, str]:
    """Give the values in force of the server's parameters `names`."""
    cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", (list(names),))
    return dict(cursor)


def schema_revision(cursor: Cursor) -> str | None:
    """Give the number of the last migration that was run; None before the first."""
    cursor.execute("SELECT to_regclass('alembic_version') IS NOT NULL")
    [(migrated,)] = cursor
    if not migrated:
        return None
    cursor.execute("SELECT version_num FROM alembic_version")
    row = cursor.fetchone()
    return None if row is None else row[0]

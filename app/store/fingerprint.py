"""The statement that reads all there is, and says in a few lines what it was."""

from typing import NamedTuple

from sqlalchemy import Connection

from app.database.models import Base, Call
from app.database.statements import driver_cursor

# As texts, rows must not depend on how a server is set up; and this reads whole tables, on purpose.
_SESSION = """
    SET LOCAL bytea_output = 'hex';
    SET LOCAL enable_seqscan = on;
    SET LOCAL statement_timeout = 0
"""
# The sum of a part of each row's MD5 is the same in whatever order the rows stand, and needs no
# sorting; duplicates do not cancel each other out in it.
_DIGEST = """
    md5(coalesce(sum(('x' || left(md5(each::text), 16))::bit(64)::bigint::numeric), 0)::text)
"""
_CALLS = f"""
    SELECT 'calls ' || coalesce(to_char(period, 'YYYY-MM'), 'open'), count(*), sum(price_cents),
           {_DIGEST}
    FROM calls AS each GROUP BY period
"""
_OTHERS = sorted({"alembic_version", *Base.metadata.tables} - {Call.__tablename__})
# In one statement, so that all of it is of one instant.
_ALL = " UNION ALL ".join(
    [
        _CALLS,
        *(f"SELECT '{name}', count(*), NULL, {_DIGEST} FROM {name} AS each" for name in _OTHERS),
    ]
)


class FingerprintLine(NamedTuple):
    """How much there is of something: rows, their prices in cents (of calls), and a digest."""

    name: str
    rows: int
    cents: int | None
    digest: str


def read(connection: Connection) -> list[FingerprintLine]:
    """Give a line for the calls of each month, and for each other table, in their names' order."""
    cursor = driver_cursor(connection)
    cursor.execute(_SESSION)
    cursor.execute(_ALL)
    return sorted(map(FingerprintLine._make, cursor))

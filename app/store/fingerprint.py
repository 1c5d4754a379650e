"""The statement that reads every row, and returns a size and a digest of each table."""

from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Numeric,
    Select,
    TableClause,
    Text,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    table,
    union_all,
)

from app.database.models import Base, Call
from app.database.statements import set_local

# The sum of a part of each row's MD5 is the same in any order of the rows, and needs no sorting;
# duplicates do not cancel each other out in it.
_PART = literal_column("('x' || left(md5(each::text), 16))::bit(64)::bigint", Numeric)
_DIGEST = func.md5(cast(func.coalesce(func.sum(cast(_PART, Numeric)), 0), Text)).label("digest")

_calls = Call.__table__.alias("each")
_CALLS = select(
    ("calls " + func.coalesce(func.to_char(_calls.c.period, "YYYY-MM"), "open")).label("name"),
    func.count().label("rows"),
    func.sum(_calls.c.price_cents).label("cents"),
    _DIGEST,
).group_by(_calls.c.period)


def _whole(other: TableClause) -> Select[Any]:
    return select(literal(other.name, Text), func.count(), null(), _DIGEST).select_from(
        other.alias("each")
    )


# One statement, so that all of it is of one instant.
_ALL = union_all(
    _CALLS,
    *(
        _whole(each)
        for each in [table("alembic_version"), *Base.metadata.sorted_tables]
        if each is not Call.__table__
    ),
)


class FingerprintLine(NamedTuple):
    """The size and digest of a table, or of the calls of a month; `cents` sums up their prices."""

    name: str
    rows: int
    cents: int | None
    digest: str


def read(connection: Connection) -> list[FingerprintLine]:
    """Return a line for the calls of each month and for each other table, sorted by name."""
    # Rows as text must not depend on the server's settings, and this reads whole tables on purpose.
    set_local(connection, bytea_output="hex", enable_seqscan="on", statement_timeout="0")
    rows = connection.execute(_ALL)
    return sorted(FingerprintLine(**row) for row in rows.mappings())

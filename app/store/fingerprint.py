"""The statement that reads every row, and returns a size and a digest of each sa.table."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from app.database.models import ApiKey, Base, Call
from app.database.statements import set_local

# The sum of a part of each row's MD5 is the same in any order of the rows, and needs no sorting;
# duplicates do not cancel each other out in it.
_DIGEST: sa.ColumnClause[str] = sa.literal_column(
    "md5(coalesce(sum(('x' || left(md5(each::text), 16))::bit(64)::bigint::numeric), 0)::text)"
)

_calls = Call.__table__.alias("each")
_month = sa.func.coalesce(sa.func.to_char(_calls.c.period, "YYYY-MM"), "open")
_CALLS = sa.select(
    ("calls " + _month).label("name"),
    sa.func.count().label("rows"),
    sa.func.sum(_calls.c.price_cents).label("cents"),
    _DIGEST.label("digest"),
).group_by(_calls.c.period)
# What changes by itself while the service is only watched: it would differ after a restore.
_FLEETING = {ApiKey.__table__.c.last_used_at}


def _lasting(table: sa.FromClause) -> sa.FromClause:
    lasting = [column for column in table.c if column not in _FLEETING]
    return (sa.select(*lasting).subquery if lasting != [*table.c] else table.alias)("each")


_OTHERS = [
    sa.select(sa.literal(name), sa.func.count(), sa.null(), _DIGEST).select_from(rows)
    for name, rows in [
        ("alembic_version", sa.table("alembic_version").alias("each")),
        *(
            (each.name, _lasting(each))
            for each in Base.metadata.sorted_tables
            if each is not Call.__table__
        ),
    ]
]
# One statement, so that all of it is of one instant.
_ALL = sa.union_all(_CALLS, *_OTHERS)


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

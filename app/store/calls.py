"""The look-up and the write of `calls`: the row on which the two records of a call meet."""

from collections.abc import Collection, Iterator, Sequence
from itertools import chain, islice

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812, the driver names it so
from sqlalchemy import Connection

from app.database.statements import PreparedStatement, driver_cursor
from app.domain.call import Call
from app.store.call_rows import COLUMNS, COPY_FORMAT, END, START, CopyFile, calls_of, row_of


def _all_of(columns: Sequence[str], prefix: str) -> str:
    return ", ".join(f"{prefix}{column}" for column in columns)


# Up to this many calls are written by a prepared statement, more of them by COPY.
FEW = 8

_LOOK_UP = (
    f"SELECT {', '.join(COLUMNS)} FROM calls WHERE call_id = ANY (string_to_array(%s, E'\\n'))"
)
_LOOK_UP_FEW = PreparedStatement("look_up_calls", _LOOK_UP)

# A writer changes a row only if it knows everything in the row: it offers each stored half again,
# equal in every column, with something new beside it. So no half is ever overwritten, and a price
# always belongs to the halves beside it. A contested call takes nothing more (rule 3). A row that
# stands otherwise is locked, and missing from the result; its writer looks it up and tries again.
# Rows are locked in one bytewise order, so that overlapping batches wait for each other and never
# deadlock.
#
# The parameter lists complete calls of whose row the writer knows nothing. Such a call may become a
# new row and changes no existing one: a half in it is another sender's, even if it equals the
# offered one down to the microsecond of its arrival, and the offered one is then a duplicate.
_WRITE = f"""
    INSERT INTO calls ({", ".join(COLUMNS)}) {{offered}}
    ON CONFLICT (call_id) DO UPDATE
    SET ({", ".join(COLUMNS[1:])}) = ROW ({_all_of(COLUMNS[1:], "EXCLUDED.")})
    WHERE calls.price_cents IS NULL AND calls.contested IS NULL
      AND num_nulls(calls.started_at, calls.ended_at, calls.price_cents, calls.contested)
          > num_nulls(
              EXCLUDED.started_at, EXCLUDED.ended_at, EXCLUDED.price_cents, EXCLUDED.contested
          )
      AND (calls.started_at IS NULL
           OR ({_all_of(START, "calls.")}) = ({_all_of(START, "EXCLUDED.")}))
      AND (calls.ended_at IS NULL
           OR ({_all_of(END, "calls.")}) = ({_all_of(END, "EXCLUDED.")}))
      AND calls.call_id <> ALL (string_to_array(%s, E'\\n'))
    RETURNING call_id
"""
_ROW = f"({', '.join(['%s'] * len(COLUMNS))})"
_WRITE_FEW = [
    PreparedStatement(
        f"write_{number}_calls", _WRITE.format(offered=f"VALUES {', '.join([_ROW] * number)}")
    )
    for number in range(1, FEW + 1)
]

# COPY is by far the fastest way in, but fails on an existing row. If it may meet one, it fills a
# temporary table first, which each commit empties, and the write goes on from there.
_MAKE_OFFERED = "CREATE TEMP TABLE IF NOT EXISTS offered_calls (LIKE calls) ON COMMIT DELETE ROWS"
_COPY_OFFERED = f"COPY offered_calls ({', '.join(COLUMNS)}) FROM STDIN ({COPY_FORMAT})"
_WRITE_OFFERED = _WRITE.format(
    offered=f"SELECT {', '.join(COLUMNS)} FROM offered_calls ORDER BY call_id"
)
_EMPTY_OFFERED = "TRUNCATE offered_calls"

# Straight into the table is faster still, while none of the rows exists.
_COPY_NEW = f"COPY calls ({', '.join(COLUMNS)}) FROM STDIN ({COPY_FORMAT})"


def look_up(connection: Connection, call_ids: Collection[str]) -> dict[str, Call]:
    """Return what is stored of each of `call_ids`; unknown calls are left out."""
    cursor = driver_cursor(connection)
    # The driver sends one text much sooner than a list; no call_id has a line break.
    values = ("\n".join(call_ids),)
    if len(call_ids) > FEW:
        cursor.execute(_LOOK_UP, values)
    else:
        _LOOK_UP_FEW.execute(cursor, values)
    return {call.call_id: call for call in calls_of(cursor)}


def write(connection: Connection, offered: Iterator[Call], *, known: Collection[str]) -> set[str]:
    """Write whole calls, in bytewise order of their ids; return the ids that were passed over.

    Many calls are drawn from `offered` while PostgreSQL writes those before, so `offered` must not
    use the connection. `known` are the ids of calls whose stored half the writer has looked up.

    The row of a call that is passed over differs from what its writer knew. It can be looked up as
    it is now, and stays locked until the transaction ends.
    """
    cursor = driver_cursor(connection)
    first = list(islice(offered, FEW + 1))
    if len(first) > FEW:
        return _write_many(cursor, CopyFile(chain(first, offered)), known)
    if not first:
        return set()
    values = [*chain.from_iterable(map(row_of, first)), _unknown_complete(first, known)]
    _WRITE_FEW[len(first) - 1].execute(cursor, values)
    return _passed_over(cursor, first)


def _write_many(cursor: Cursor, file: CopyFile, known: Collection[str]) -> set[str]:
    if not known and _copy_new(cursor, file):
        return set()
    cursor.execute(_MAKE_OFFERED)
    _copy(cursor, _COPY_OFFERED, file)
    cursor.execute(_WRITE_OFFERED, (_unknown_complete(file.drawn, known),))
    passed_over = _passed_over(cursor, file.drawn)
    if passed_over:
        cursor.execute(_EMPTY_OFFERED)  # They will be offered again.
    return passed_over


def _copy_new(cursor: Cursor, file: CopyFile) -> bool:
    """Copy rows that are probably new; return False, with nothing copied, if one exists."""
    cursor.execute("SAVEPOINT nothing_copied")
    try:
        _copy(cursor, _COPY_NEW, file)
    except psycopg2.errors.UniqueViolation:
        cursor.execute("ROLLBACK TO SAVEPOINT nothing_copied")
        file.rewind()
        return False
    return True


def _copy(cursor: Cursor, statement: str, file: CopyFile) -> None:
    try:
        cursor.copy_expert(statement, file)
    finally:
        # The driver reports only that reading failed, not why.
        if file.failure is not None:
            raise file.failure


def _unknown_complete(offered: Sequence[Call], known: Collection[str]) -> str:
    """Return the parameter of `_WRITE`: the ids, one a line."""
    return "\n".join(
        call.call_id for call in offered if call.price is not None and call.call_id not in known
    )


def _passed_over(cursor: Cursor, offered: Sequence[Call]) -> set[str]:
    """Return the ids of those of `offered` that the write just sent did not write."""
    if cursor.rowcount == len(offered):
        return set()
    return {call.call_id for call in offered} - {call_id for (call_id,) in cursor}

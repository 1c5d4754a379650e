"""The statements on `calls`: the row on which the two records of a call meet."""

from collections.abc import Collection, Generator, Iterable, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import TextIO, cast

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812, the driver names it so
from sqlalchemy import Connection

from app.database.statements import PreparedStatement, driver_cursor
from app.domain.bill import BillLine
from app.domain.call import Call, OpenCallsPage
from app.domain.period import BillingPeriod
from app.limits import times
from app.store.call_rows import COLUMNS, COPY_FORMAT, END, START, CopyFile, calls_of, row_of


def _all_of(columns: Sequence[str], prefix: str) -> str:
    return ", ".join(f"{prefix}{column}" for column in columns)


# Up to so many calls are written by a prepared statement, more of them by COPY.
FEW = 8

_ROWS_A_FETCH = 5_000

_SELECT = f"SELECT {', '.join(COLUMNS)} FROM calls"
_LOOK_UP = f"{_SELECT} WHERE call_id = ANY (string_to_array(%s, E'\\n'))"
_LOOK_UP_FEW = PreparedStatement("look_up_calls", _LOOK_UP)

# A row is written only by one who knows all that stands in it: each half already there is offered
# again, the same to the letter, beside something new. So no half is ever overwritten and a price
# always belongs to the halves beside it. One who does not know is told by the row's absence from
# the answer, with the row locked, and looks again. Rows are taken in one bytewise order, so that
# overlapping batches wait for each other and never deadlock.
_WRITE = f"""
    INSERT INTO calls ({", ".join(COLUMNS)}) {{offered}}
    ON CONFLICT (call_id) DO UPDATE
    SET ({", ".join(COLUMNS[1:])}) = ROW ({_all_of(COLUMNS[1:], "EXCLUDED.")})
    WHERE calls.price_cents IS NULL
      AND num_nulls(calls.started_at, calls.ended_at, calls.price_cents)
          > num_nulls(EXCLUDED.started_at, EXCLUDED.ended_at, EXCLUDED.price_cents)
      AND (calls.started_at IS NULL
           OR ({_all_of(START, "calls.")}) = ({_all_of(START, "EXCLUDED.")}))
      AND (calls.ended_at IS NULL
           OR ({_all_of(END, "calls.")}) = ({_all_of(END, "EXCLUDED.")}))
    RETURNING call_id
"""
_ROW = f"({', '.join(['%s'] * len(COLUMNS))})"
_WRITE_FEW = [
    PreparedStatement(
        f"write_{number}_calls", _WRITE.format(offered=f"VALUES {', '.join([_ROW] * number)}")
    )
    for number in range(1, FEW + 1)
]

# COPY is by far the quickest way in, but cannot meet a row that is there: so into a table of the
# session's own first, which each commit empties.
_MAKE_OFFERED = "CREATE TEMP TABLE IF NOT EXISTS offered_calls (LIKE calls) ON COMMIT DELETE ROWS"
_COPY_OFFERED = f"COPY offered_calls ({', '.join(COLUMNS)}) FROM STDIN ({COPY_FORMAT})"
_WRITE_OFFERED = _WRITE.format(
    offered=f"SELECT {', '.join(COLUMNS)} FROM offered_calls ORDER BY call_id"
)
_FORGET_OFFERED = "TRUNCATE offered_calls"

# Straight in is quicker still, for as long as none of the rows is there.
_COPY_NEW = f"COPY calls ({', '.join(COLUMNS)}) FROM STDIN ({COPY_FORMAT})"

# Both conditions are those of the bill index, so that a bill is read from it alone.
_BILL_LINES = """
    SELECT call_id, destination, started_at, ended_at, price_cents, priced_at FROM calls
    WHERE period = %s AND source = %s AND price_cents IS NOT NULL
    ORDER BY started_at, call_id
"""
_BILL_RUN = """
    SELECT source, call_id, destination, started_at, ended_at, price_cents, priced_at FROM calls
    WHERE period = %s AND price_cents IS NOT NULL
    ORDER BY source, started_at, call_id
"""
_COUNT_PRICED = "SELECT count(*) FROM calls WHERE period = %s AND price_cents IS NOT NULL"
_OPEN_BY_SUBSCRIBER = """
    SELECT source, count(*) FROM calls
    WHERE price_cents IS NULL AND source IS NOT NULL
      AND coalesce(started_at, ended_at) >= %s AND coalesce(started_at, ended_at) < %s
    GROUP BY source
"""
_OPEN_OF_SUBSCRIBER = """
    SELECT count(*) FROM calls
    WHERE price_cents IS NULL AND source = %s
      AND coalesce(started_at, ended_at) >= %s AND coalesce(started_at, ended_at) < %s
"""
_OPEN = f"""
    {_SELECT}
    WHERE price_cents IS NULL AND coalesce(started_at, ended_at) < %s
      AND (coalesce(started_at, ended_at), call_id) > (%s, %s)
    ORDER BY coalesce(started_at, ended_at), call_id
    LIMIT %s
"""
_UNPRICED = """
    SELECT call_id FROM calls
    WHERE price_cents IS NULL AND started_at IS NOT NULL AND ended_at IS NOT NULL
    ORDER BY coalesce(started_at, ended_at), call_id
    LIMIT %s
"""


def look_up(connection: Connection, call_ids: Collection[str]) -> dict[str, Call]:
    """Give what is stored of each of `call_ids`; a call of which nothing is stored is left out."""
    cursor = driver_cursor(connection)
    # One text is put together much sooner than a list; no identifier has a line break.
    values = ("\n".join(call_ids),)
    if len(call_ids) > FEW:
        cursor.execute(_LOOK_UP, values)
    else:
        _LOOK_UP_FEW.execute(cursor, values)
    return {call.call_id: call for call in calls_of(cursor)}


def write(connection: Connection, calls: Iterable[Call], *, likely_new: bool = False) -> set[str]:
    """Write `calls`, each as a whole, and give the ids of those that were passed over.

    They come in bytewise order of their ids. Many are taken while PostgreSQL writes those before,
    so that to yield them no statement may be sent.

    One that is passed over stands otherwise than its writer knew, and can be looked up as it is
    now; until the transaction ends, its row is locked. `likely_new` only says what is worth trying
    first.
    """
    cursor = driver_cursor(connection)
    waiting = iter(calls)
    first = list(islice(waiting, FEW + 1))
    if len(first) > FEW:
        return _write_many(cursor, CopyFile(chain(first, waiting)), likely_new=likely_new)
    if not first:
        return set()
    _WRITE_FEW[len(first) - 1].execute(cursor, [*chain.from_iterable(map(row_of, first))])
    return _passed_over(cursor, first)


def bill_lines(connection: Connection, source: str, period: BillingPeriod) -> tuple[BillLine, ...]:
    """Give the priced calls of a subscriber that ended in `period`, by their start."""
    cursor = driver_cursor(connection)
    cursor.execute(_BILL_LINES, (period.first_day, source))
    return tuple(map(BillLine._make, cursor))


def bill_run(
    connection: Connection, period: BillingPeriod
) -> Generator[tuple[str, BillLine], None, None]:
    """Yield the priced calls that ended in `period`, each with its subscriber, in their order.

    They are fetched a few thousand at a time, within the cursor's transaction.
    """
    cursor = driver_cursor(connection)
    # Whoever reads the run may be slower than the database.
    cursor.execute(
        f"SET LOCAL idle_in_transaction_session_timeout = '{times.SLOW_READER_SECONDS_MAX}s'"
    )
    with cursor.connection.cursor("bill_run") as rows:
        rows.itersize = _ROWS_A_FETCH
        rows.execute(_BILL_RUN, (period.first_day,))
        for source, *line in rows:
            yield source, BillLine._make(line)


def count_priced(connection: Connection, period: BillingPeriod) -> int:
    """Count the priced calls that ended in `period`."""
    cursor = driver_cursor(connection)
    cursor.execute(_COUNT_PRICED, (period.first_day,))
    [(count,)] = cursor
    return int(count)


def count_open_by_subscriber(
    connection: Connection, bounds: tuple[datetime, datetime]
) -> dict[str, int]:
    """Count the calls without a price that started within `bounds`, for each who has any."""
    cursor = driver_cursor(connection)
    cursor.execute(_OPEN_BY_SUBSCRIBER, bounds)
    return dict(cursor)


def count_open(connection: Connection, source: str, bounds: tuple[datetime, datetime]) -> int:
    """Count the subscriber's calls without a price that started within `bounds`, half open."""
    cursor = driver_cursor(connection)
    cursor.execute(_OPEN_OF_SUBSCRIBER, (source, *bounds))
    [(count,)] = cursor
    return int(count)


def open_calls(
    connection: Connection, before: datetime, page: OpenCallsPage, limit: int
) -> list[Call]:
    """Give calls still without a price whose half happened before `before`, oldest first."""
    cursor = driver_cursor(connection)
    cursor.execute(_OPEN, (before, page.since, page.call_id, limit))
    return list(calls_of(cursor))


def complete_and_unpriced(connection: Connection, limit: int) -> list[str]:
    """Give the ids of calls that have both halves and no price; there should be none."""
    cursor = driver_cursor(connection)
    cursor.execute(_UNPRICED, (limit,))
    return [call_id for (call_id,) in cursor]


def _write_many(cursor: Cursor, calls: CopyFile, *, likely_new: bool) -> set[str]:
    if likely_new:
        cursor.execute("SAVEPOINT nothing_copied")
        try:
            _copy(cursor, _COPY_NEW, calls)
        except psycopg2.errors.UniqueViolation:
            cursor.execute("ROLLBACK TO SAVEPOINT nothing_copied")
            calls.rewind()
        else:
            return set()
    cursor.execute(_MAKE_OFFERED)
    _copy(cursor, _COPY_OFFERED, calls)
    cursor.execute(_WRITE_OFFERED)
    passed_over = _passed_over(cursor, calls.taken)
    if passed_over:
        cursor.execute(_FORGET_OFFERED)  # They are offered again.
    return passed_over


def _passed_over(cursor: Cursor, offered: Sequence[Call]) -> set[str]:
    """Give the ids of those of `offered` that the write just sent did not write."""
    if cursor.rowcount == len(offered):
        return set()
    return {call.call_id for call in offered} - {call_id for (call_id,) in cursor}


def _copy(cursor: Cursor, statement: str, calls: CopyFile) -> None:
    try:
        cursor.copy_expert(statement, cast(TextIO, calls))  # COPY does nothing but read.
    finally:
        # All that the driver tells of a failure to read is that there was one.
        if calls.failure is not None:
            raise calls.failure

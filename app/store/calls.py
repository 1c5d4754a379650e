"""The statements on `calls`: the row on which the two records of a call meet."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from io import StringIO
from typing import Any, NamedTuple

from app.db import Cursor
from app.domain.bill import BillLine
from app.domain.call import Call, Price
from app.domain.call_record import EndRecord, StartRecord
from app.domain.period import BillingPeriod

_START = ("start_record_id", "started_at", "source", "destination", "start_received_at")
_END = ("end_record_id", "ended_at", "end_received_at")
_PRICE = ("price_cents", "tariff_id", "period", "priced_at")
_COLUMNS = ("call_id", *_START, *_END, *_PRICE)
# How COPY is told of a null: by a character that no record can hold.
_NULL = "\x01"
_NO_START, _NO_END, _NO_PRICE = ("\t".join(_NULL for _ in each) for each in (_START, _END, _PRICE))


def _all_of(columns: Sequence[str], prefix: str) -> str:
    return ", ".join(f"{prefix}{column}" for column in columns)


_ROWS_A_FETCH = 5_000

_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM calls"
_LOOK_UP = f"{_SELECT} WHERE call_id = ANY (%s)"

# A row is written only by one who knows all that stands in it: each half already there is offered
# again, the same to the letter, beside something new. So no half is ever overwritten and a price
# always belongs to the halves beside it. One who does not know is told by the row's absence from
# the answer, with the row locked, and looks again. Rows are taken in one bytewise order, so that
# overlapping batches wait for each other and never deadlock.
_WRITE = f"""
    INSERT INTO calls ({", ".join(_COLUMNS)}) {{offered}}
    ON CONFLICT (call_id) DO UPDATE
    SET ({", ".join(_COLUMNS[1:])}) = ROW ({_all_of(_COLUMNS[1:], "EXCLUDED.")})
    WHERE calls.price_cents IS NULL
      AND num_nulls(calls.started_at, calls.ended_at, calls.price_cents)
          > num_nulls(EXCLUDED.started_at, EXCLUDED.ended_at, EXCLUDED.price_cents)
      AND (calls.started_at IS NULL
           OR ({_all_of(_START, "calls.")}) = ({_all_of(_START, "EXCLUDED.")}))
      AND (calls.ended_at IS NULL
           OR ({_all_of(_END, "calls.")}) = ({_all_of(_END, "EXCLUDED.")}))
    RETURNING call_id
"""
_WRITE_ONE = _WRITE.format(offered=f"VALUES ({', '.join(['%s'] * len(_COLUMNS))})")

# COPY is by far the quickest way in, but cannot meet a row that is there: so into a table of the
# session's own first, which each commit empties.
_MAKE_OFFERED = "CREATE TEMP TABLE IF NOT EXISTS offered_calls (LIKE calls) ON COMMIT DELETE ROWS"
_COPY_OFFERED = f"COPY offered_calls ({', '.join(_COLUMNS)}) FROM STDIN (NULL '{_NULL}')"
_WRITE_OFFERED = _WRITE.format(
    offered=f"SELECT {', '.join(_COLUMNS)} FROM offered_calls ORDER BY call_id"
)
_FORGET_OFFERED = "TRUNCATE offered_calls"

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


class OpenCallsPage(NamedTuple):
    """Where a page of open calls begins: behind the call that stood last on the page before."""

    since: datetime
    call_id: str


def look_up(cursor: Cursor, call_ids: Iterable[str]) -> dict[str, Call]:
    """Give what is stored of each of `call_ids`; a call of which nothing is stored is left out."""
    cursor.execute(_LOOK_UP, (list(call_ids),))
    return {call.call_id: call for call in _calls(cursor)}


def write(cursor: Cursor, calls: Collection[Call]) -> set[str]:
    """Write `calls`, each as a whole, and give the ids of those that were written.

    One that is not among them stands otherwise than its writer knew: its row is locked, and can be
    looked up as it is now.
    """
    if len(calls) > 1:
        cursor.execute(_MAKE_OFFERED)
        cursor.copy_expert(_COPY_OFFERED, _copy_text(calls))
        cursor.execute(_WRITE_OFFERED)
        written = {call_id for (call_id,) in cursor}
        if len(written) < len(calls):
            cursor.execute(_FORGET_OFFERED)  # What was passed over is offered again.
        return written
    for call in calls:
        cursor.execute(_WRITE_ONE, _row(call))
    return {call_id for (call_id,) in cursor} if calls else set()


def bill_lines(cursor: Cursor, source: str, period: BillingPeriod) -> tuple[BillLine, ...]:
    """Give the priced calls of a subscriber that ended in `period`, by their start."""
    cursor.execute(_BILL_LINES, (period.first_day, source))
    return tuple(map(BillLine._make, cursor))


def bill_run(cursor: Cursor, period: BillingPeriod) -> Iterator[tuple[str, BillLine]]:
    """Yield the priced calls that ended in `period`, each with its subscriber, in their order.

    They are fetched a few thousand at a time, within the cursor's transaction.
    """
    # Whoever reads the run may be slower than the database.
    cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '5min'")
    with cursor.connection.cursor("bill_run") as rows:
        rows.itersize = _ROWS_A_FETCH
        rows.execute(_BILL_RUN, (period.first_day,))
        for source, *line in rows:
            yield source, BillLine._make(line)


def count_open_by_subscriber(cursor: Cursor, bounds: tuple[datetime, datetime]) -> dict[str, int]:
    """Count the calls without a price that started within `bounds`, for each who has any."""
    cursor.execute(_OPEN_BY_SUBSCRIBER, bounds)
    return dict(cursor)


def count_open(cursor: Cursor, source: str, bounds: tuple[datetime, datetime]) -> int:
    """Count the subscriber's calls without a price that started within `bounds`, half open."""
    cursor.execute(_OPEN_OF_SUBSCRIBER, (source, *bounds))
    [(count,)] = cursor
    return int(count)


def open_calls(cursor: Cursor, before: datetime, page: OpenCallsPage, limit: int) -> list[Call]:
    """Give calls still without a price whose half happened before `before`, oldest first."""
    cursor.execute(_OPEN, (before, page.since, page.call_id, limit))
    return list(_calls(cursor))


def complete_and_unpriced(cursor: Cursor, limit: int) -> list[str]:
    """Give the ids of calls that have both halves and no price; there should be none."""
    cursor.execute(_UNPRICED, (limit,))
    return [call_id for (call_id,) in cursor]


def _row(call: Call) -> tuple[Any, ...]:
    start, end, price = call.start, call.end, call.price
    return (
        call.call_id,
        *((None,) * 5 if start is None else start[1:]),
        *((None,) * 3 if end is None else end[1:]),
        *(
            (None,) * 4
            if price is None
            else (price.cents, price.tariff_id, price.period.first_day, price.priced_at)
        ),
    )


def _copy_text(calls: Iterable[Call]) -> StringIO:
    """Give `calls` as COPY reads them; what many rows share is written out once."""
    shared = _Texts()
    lines = []
    for call_id, start, end, price in calls:
        started = ended = priced = None
        if start is not None:
            started = (
                f"{start.record_id}\t{start.started_at}\t{start.source}\t{start.destination}"
                f"\t{shared[start.received_at]}"
            )
        if end is not None:
            ended = f"{end.record_id}\t{end.ended_at}\t{shared[end.received_at]}"
        if price is not None:
            cents, tariff_id, period, priced_at = price
            priced = f"{cents}\t{tariff_id}\t{shared[period.first_day]}\t{shared[priced_at]}"
        lines.append(
            f"{call_id}\t{started or _NO_START}\t{ended or _NO_END}\t{priced or _NO_PRICE}\n"
        )
    return StringIO("".join(lines).replace("\\", "\\\\"))


class _Texts(dict[date, str]):
    def __missing__(self, value: date) -> str:
        self[value] = str(value)
        return self[value]


def _calls(rows: Iterable[tuple[Any, ...]]) -> Iterator[Call]:
    for call_id, *values in rows:
        started, ended, (cents, tariff_id, period, priced_at) = values[:5], values[5:8], values[8:]
        yield Call(
            call_id,
            StartRecord(call_id, *started) if started[1] is not None else None,
            EndRecord(call_id, *ended) if ended[1] is not None else None,
            Price(cents, tariff_id, _period(period), priced_at) if cents is not None else None,
        )


def _period(first_day: date) -> BillingPeriod:
    return BillingPeriod(first_day.year, first_day.month)

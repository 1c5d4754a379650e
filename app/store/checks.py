"""The statements that check a month before its bill run, from the bill index alone.

Twins, payers and long calls are read in the order of the payers: a page continues where the last
one ended, and all pages together read the month once. An old call is in the bill of another month,
so each page of them reads the index of all months. An index of the instants of pricing would make
that fast, and each call slower to store.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.database.statements import driver_cursor, set_local
from app.domain.checks import LONG_CALL, OLD_CALL, MonthChecks, Twins, UnnamedPayer
from app.domain.period import BillingPeriod

_CALL_IDS_MAX = 10

_OF_MONTH = "FROM calls WHERE period = %(month)s AND price_cents IS NOT NULL"

# The sort goes payer by payer, since the index has their order: it needs memory for the calls of
# one of them. A hash of all calls of a month would not fit.
_SORTED = {"enable_hashagg": "off"}
_GROUP = "source, started, ended, destination"
_BY_SECOND = f"""
    SELECT source, destination, call_id,
           date_trunc('second', started_at) AS started, date_trunc('second', ended_at) AS ended
    {_OF_MONTH}
"""
_TWINS = f"""
    SELECT source, destination, started, ended, count(*),
           (array_agg(call_id ORDER BY call_id))[1:{_CALL_IDS_MAX}]
    FROM ({_BY_SECOND} AND (source, started_at) >= (%(source)s, %(started)s)) AS calls_by_second
    WHERE ({_GROUP}) > (%(source)s, %(started)s, %(ended)s, %(destination)s)
    GROUP BY {_GROUP} HAVING count(*) > 1
    ORDER BY {_GROUP} LIMIT %(limit)s
"""
_COUNT_TWINS = f"""
    SELECT count(*), coalesce(sum(number), 0)::bigint
    FROM (
        SELECT count(*) AS number FROM ({_BY_SECOND}) AS calls_by_second
        GROUP BY {_GROUP} HAVING count(*) > 1
    ) AS twins
"""

_UNNAMED = f"""
    FROM (
        SELECT source, count(*) AS number, sum(price_cents)::bigint AS cents
        {_OF_MONTH} AND source > %(source)s GROUP BY source
    ) AS payers
    WHERE NOT EXISTS (SELECT FROM subscribers WHERE subscribers.number = payers.source)
"""
_UNNAMED_PAYERS = f"SELECT source, number, cents {_UNNAMED} ORDER BY source LIMIT %(limit)s"
_COUNT_UNNAMED = f"SELECT count(*) {_UNNAMED}"

_LONG = f"{_OF_MONTH} AND ended_at - started_at > %(length)s"
_LONG_CALLS = f"""
    SELECT call_id {_LONG}
    AND (source, started_at, call_id) > (%(source)s, %(started)s, %(call_id)s)
    ORDER BY source, started_at, call_id LIMIT %(limit)s
"""
_COUNT_LONG = f"SELECT count(*) {_LONG}"

_OLD = """
    FROM calls
    WHERE price_cents IS NOT NULL AND priced_at >= %(first)s AND priced_at < %(after)s
      AND priced_at - started_at > %(age)s
"""
_OLD_CALLS = f"""
    SELECT call_id {_OLD} AND priced_at >= %(since)s AND (priced_at, call_id) > (%(since)s, %(id)s)
    ORDER BY priced_at, call_id LIMIT %(limit)s
"""
_COUNT_OLD = f"SELECT count(*) {_OLD}"


def twins(
    connection: Connection,
    period: BillingPeriod,
    after: tuple[str, datetime, datetime, str],
    limit: int,
) -> list[Twins]:
    """Return the twins of `period` that stand after a source, start, end and destination."""
    set_local(connection, **_SORTED)
    place = dict(zip(("source", "started", "ended", "destination"), after, strict=True))
    rows = _rows(connection, _TWINS, {"month": period.first_day, "limit": limit, **place})
    return list(map(Twins._make, rows))


def unnamed_payers(
    connection: Connection, period: BillingPeriod, after: str, limit: int
) -> list[UnnamedPayer]:
    """Return the payers of `period` after the number `after` that have no name."""
    values = {"month": period.first_day, "source": after, "limit": limit}
    return list(map(UnnamedPayer._make, _rows(connection, _UNNAMED_PAYERS, values)))


def long_calls(
    connection: Connection,
    period: BillingPeriod,
    length: timedelta,
    after: tuple[str, datetime, str],
    limit: int,
) -> list[str]:
    """Return the ids of the calls of `period` longer than `length`, in the order of its bills.

    They stand after a source, start and call_id.
    """
    place = dict(zip(("source", "started", "call_id"), after, strict=True))
    values = {"month": period.first_day, "length": length, "limit": limit, **place}
    return [call_id for (call_id,) in _rows(connection, _LONG_CALLS, values)]


def old_calls(
    connection: Connection,
    bounds: tuple[datetime, datetime],
    after: tuple[datetime, str],
    limit: int,
) -> list[str]:
    """Return the ids of old calls that were priced within `bounds`, in the order of pricing.

    They stand after an instant of pricing and a call_id.
    """
    since, call_id = after
    values = {"since": since, "id": call_id, "limit": limit, **_old_within(bounds)}
    return [call_id for (call_id,) in _rows(connection, _OLD_CALLS, values)]


def count(
    connection: Connection, period: BillingPeriod, bounds: tuple[datetime, datetime]
) -> MonthChecks:
    """Count what there is of each kind in `period`; `bounds` are those of the month."""
    set_local(connection, **_SORTED)
    month = {"month": period.first_day}
    [(groups, calls)] = _rows(connection, _COUNT_TWINS, month)
    [(unnamed,)] = _rows(connection, _COUNT_UNNAMED, month | {"source": ""})
    [(long,)] = _rows(connection, _COUNT_LONG, month | {"length": LONG_CALL})
    [(old,)] = _rows(connection, _COUNT_OLD, _old_within(bounds))
    return MonthChecks(groups, calls, unnamed, long, old)


def _old_within(bounds: tuple[datetime, datetime]) -> dict[str, object]:
    first, after = bounds
    return {"first": first, "after": after, "age": OLD_CALL}


def _rows(
    connection: Connection, statement: str, values: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    cursor = driver_cursor(connection)
    cursor.execute(statement, values)
    return cursor.fetchall()

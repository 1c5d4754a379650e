"""The statements that count what waits. They stop at a limit, for they are sent all day long."""

from sqlalchemy import Connection

from app.database.statements import driver_cursor
from app.domain.backlog import COUNT_MAX, Backlog
from app.domain.call import CallState, Reason
from app.limits import times

_OPEN_CALLS = f"""
    SELECT count(*) FILTER (WHERE started_at IS NULL),
           count(*) FILTER (WHERE ended_at IS NULL),
           count(*) FILTER (WHERE started_at IS NOT NULL AND ended_at IS NOT NULL),
           min(coalesce(started_at, ended_at))
    FROM (SELECT started_at, ended_at FROM calls
          WHERE price_cents IS NULL
          ORDER BY coalesce(started_at, ended_at), call_id
          LIMIT {COUNT_MAX}) AS oldest
"""
_SUSPENSE = f"""
    SELECT named, waiting.count
    FROM unnest(%s) AS named,
         LATERAL (SELECT count(*) FROM (SELECT FROM suspense
                                        WHERE resolved_at IS NULL AND reason = named
                                        LIMIT {COUNT_MAX}) AS counted) AS waiting
"""


def count(connection: Connection) -> Backlog:
    """Count what waits."""
    cursor = driver_cursor(connection)
    cursor.execute(f"SET LOCAL statement_timeout = '{times.COUNT_SECONDS_MAX}s'")
    cursor.execute(_OPEN_CALLS)
    [(awaiting_start, awaiting_end, awaiting_price, oldest_open_at)] = cursor
    cursor.execute(_SUSPENSE, (list(Reason),))
    return Backlog(
        {
            CallState.AWAITING_START: awaiting_start,
            CallState.AWAITING_END: awaiting_end,
            CallState.AWAITING_PRICE: awaiting_price,
        },
        oldest_open_at,
        {Reason(reason): waiting for reason, waiting in cursor},
    )

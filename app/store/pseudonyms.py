"""The statements that put pseudonyms in the place of the numbers of priced calls.

Bytewise, all numbers come before `p`, and all pseudonyms behind it: so the bill index tells them
apart. Nothing else about a priced call may change (migration 0006).
"""

from collections.abc import Callable
from datetime import date

from sqlalchemy import Connection

from app.database.statements import PreparedStatement, driver_cursor
from app.domain.period import BillingPeriod

_NEXT_PERIOD = """
    SELECT min(period) FROM calls WHERE price_cents IS NOT NULL AND period > %s AND period < %s
"""
_NUMBERED = """
    SELECT call_id, source, destination FROM calls
    WHERE period = %s AND source < 'p' AND price_cents IS NOT NULL
    ORDER BY source
    LIMIT %s
"""
# Another process may have been quicker.
_REPLACE = PreparedStatement(
    "replace_numbers",
    "UPDATE calls SET source = %s, destination = %s WHERE call_id = %s AND source < 'p'",
)
_HAS_ANY = """
    SELECT EXISTS (
        SELECT FROM calls WHERE period = %s AND source >= 'p' AND price_cents IS NOT NULL
    )
"""


def next_period(
    connection: Connection, after: BillingPeriod | None, before: BillingPeriod
) -> BillingPeriod | None:
    """Give the first month with priced calls that is later than `after` and before `before`."""
    cursor = driver_cursor(connection)
    cursor.execute(_NEXT_PERIOD, (after.first_day if after else date.min, before.first_day))
    [(first_day,)] = cursor
    return BillingPeriod(first_day.year, first_day.month) if first_day else None


def numbered_calls(
    connection: Connection, period: BillingPeriod, limit: int
) -> list[tuple[str, str, str]]:
    """Give `call_id`, `source` and `destination` of priced calls that still have their numbers."""
    cursor = driver_cursor(connection)
    cursor.execute(_NUMBERED, (period.first_day, limit))
    return cursor.fetchall()


def replace(
    connection: Connection, found: list[tuple[str, str, str]], pseudonym_of: Callable[[str], str]
) -> int:
    """Put pseudonyms in the place of the numbers of `found`, and give how many calls that were."""
    cursor = driver_cursor(connection)
    replaced = 0
    # One by one, in the order in which the intake takes these rows: who shares some of them waits,
    # and never in a circle. One statement for all takes them in an order of its own.
    for call_id, source, destination in sorted(found):
        _REPLACE.execute(cursor, (pseudonym_of(source), pseudonym_of(destination), call_id))
        replaced += cursor.rowcount
    return replaced


def has_any(connection: Connection, period: BillingPeriod) -> bool:
    """Say whether calls of `period` have pseudonyms."""
    cursor = driver_cursor(connection)
    cursor.execute(_HAS_ANY, (period.first_day,))
    [(found,)] = cursor
    return bool(found)

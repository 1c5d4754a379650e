"""The statements that replace the telephone numbers of priced calls by pseudonyms.

Bytewise, all numbers sort before `p`, and all pseudonyms after it: so the bill index tells them
apart. Nothing else about a priced call may change (migration 0006).
"""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, exists, func, select

from app.database.models import Call
from app.database.statements import PreparedStatement, driver_cursor
from app.domain.period import BillingPeriod

_FIRST_PSEUDONYM = "p"

# Built once: each bill asks.
_HAS_ANY = select(
    exists().where(
        Call.period == bindparam("first_day"),
        Call.source >= _FIRST_PSEUDONYM,
        Call.price_cents.is_not(None),
    )
)
# Another process may have been quicker.
_REPLACE = PreparedStatement(
    "replace_numbers",
    f"UPDATE calls SET source = %s, destination = %s"
    f" WHERE call_id = %s AND source < '{_FIRST_PSEUDONYM}'",
)


class NumberedCall(NamedTuple):
    """A priced call that still has its telephone numbers."""

    call_id: str
    source: str
    destination: str


def next_period(
    connection: Connection, after: BillingPeriod | None, before: BillingPeriod
) -> BillingPeriod | None:
    """Return the first month with priced calls that is later than `after` and before `before`."""
    first_day = connection.scalar(
        select(func.min(Call.period)).where(
            Call.price_cents.is_not(None),
            Call.period > (after.first_day if after else date.min),
            Call.period < before.first_day,
        )
    )
    return BillingPeriod(first_day.year, first_day.month) if first_day else None


def numbered_calls(connection: Connection, period: BillingPeriod, limit: int) -> list[NumberedCall]:
    """Return priced calls of `period` that still have their numbers, at most `limit`."""
    statement = (
        select(Call.call_id, Call.source, Call.destination)
        .where(
            Call.period == period.first_day,
            Call.source < _FIRST_PSEUDONYM,
            Call.price_cents.is_not(None),
        )
        .order_by(Call.source)
        .limit(limit)
    )
    return [NumberedCall(**row) for row in connection.execute(statement).mappings()]


def replace(
    connection: Connection, found: list[NumberedCall], pseudonym_of: Callable[[str], str]
) -> int:
    """Replace the numbers of `found` by pseudonyms, and return how many calls that changed."""
    cursor = driver_cursor(connection)
    replaced = 0
    # One by one, in the order in which the intake locks these rows, so that nobody deadlocks. One
    # statement for all would lock them in an order of its own.
    for call_id, source, destination in sorted(found):
        _REPLACE.execute(cursor, (pseudonym_of(source), pseudonym_of(destination), call_id))
        replaced += cursor.rowcount
    return replaced


def has_any(connection: Connection, period: BillingPeriod) -> bool:
    """Return whether calls of `period` have pseudonyms."""
    return bool(connection.scalar(_HAS_ANY, {"first_day": period.first_day}))

"""Privacy: old calls lose their telephone numbers and keep their prices (docs/privacy.md)."""

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.database.transactions import read, write
from app.domain.audit import Act, Deed
from app.domain.period import BillingPeriod
from app.domain.pseudonym import pseudonym
from app.limits.deadline import Deadline
from app.store import audit, pseudonyms

# Few enough that a session that waits for one of their rows does not wait long.
_CALLS_A_TRANSACTION = 1_000


def pseudonymise(
    before: BillingPeriod, key: str, *, actor: str, billing_zone: ZoneInfo, now: datetime
) -> int:
    """Replace the numbers of the priced calls of all months before `before` by pseudonyms.

    Returns how many calls that were. If it is stopped, what was committed stays, and the next run
    continues there. Raises PeriodNotClosed if one of the months has not ended at `now`.
    """
    current = BillingPeriod.of(now, billing_zone)
    if before > current:
        current.check_closed(now, billing_zone)
    pseudonymised = 0
    period = _next_period(None, before)
    while period:
        while (found := _pseudonymise_some(period, key, actor)) is not None:
            pseudonymised += found
        period = _next_period(period, before)
    return pseudonymised


def _next_period(after: BillingPeriod | None, before: BillingPeriod) -> BillingPeriod | None:
    return read(
        lambda connection: pseudonyms.next_period(connection, after, before),
        deadline=Deadline.start(),
    )


def _pseudonymise_some(period: BillingPeriod, key: str, actor: str) -> int | None:
    """Return how many calls it pseudonymised, or None if no call of `period` has a number left."""

    def replace(connection: Connection) -> int | None:
        found = pseudonyms.numbered_calls(connection, period, _CALLS_A_TRANSACTION)
        if not found:
            return None
        count = pseudonyms.replace(connection, found, partial(pseudonym, key=key))
        deed = Deed(actor, Act.CALLS_PSEUDONYMISED, str(period), None, {"calls": count})
        audit.record(connection, [deed])
        return count

    return write(replace, deadline=Deadline.start())

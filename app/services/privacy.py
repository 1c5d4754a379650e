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

# Few enough that whoever waits for one of their rows is not kept waiting for long.
_CALLS_A_TRANSACTION = 1_000


def pseudonymise(
    before: BillingPeriod, key: str, *, actor: str, billing_zone: ZoneInfo, now: datetime
) -> int:
    """Put pseudonyms in the place of all numbers of priced calls of the months before `before`.

    Gives how many calls that were. What was done when it is stopped stays done, and it goes on
    from there the next time. Raises PeriodNotClosed if one of the months has not ended at `now`.
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
    """Give how many calls it pseudonymised; None if none of `period` has a number any more."""

    def replace(connection: Connection) -> int | None:
        found = pseudonyms.numbered_calls(connection, period, _CALLS_A_TRANSACTION)
        if not found:
            return None
        count = pseudonyms.replace(connection, found, partial(pseudonym, key=key))
        deed = Deed(actor, Act.CALLS_PSEUDONYMISED, str(period), None, {"calls": count})
        audit.record(connection, [deed])
        return count

    return write(replace, deadline=Deadline.start())

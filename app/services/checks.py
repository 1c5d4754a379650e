"""Checks of a month before its bill run. They only read; a person decides what to do.

The month may still run.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from app.database.transactions import read
from app.domain.checks import MonthChecks, Twins, UnnamedPayer
from app.domain.period import BillingPeriod
from app.limits.deadline import Deadline
from app.services.calls import CallDetails
from app.services.pricing import Pricing
from app.store import calls, checks

# Everything comes after it.
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


def month_checks(period: BillingPeriod, *, pricing: Pricing, deadline: Deadline) -> MonthChecks:
    """Count what may be wrong with `period`."""
    bounds = period.bounds(pricing.billing_zone)
    return read(lambda connection: checks.count(connection, period, bounds), deadline=deadline)


def twins(
    period: BillingPeriod,
    after: tuple[str, datetime, datetime, str],
    limit: int,
    *,
    deadline: Deadline,
) -> list[Twins]:
    """Return at most `limit` twins of `period`, in the order of the payers."""
    return read(
        lambda connection: checks.twins(connection, period, after, limit), deadline=deadline
    )


def unnamed_payers(
    period: BillingPeriod, after: str, limit: int, *, deadline: Deadline
) -> list[UnnamedPayer]:
    """Return at most `limit` payers of `period` without a name, in the order of their numbers."""
    return read(
        lambda connection: checks.unnamed_payers(connection, period, after, limit),
        deadline=deadline,
    )


def long_calls(
    period: BillingPeriod,
    length: timedelta,
    after: tuple[str, datetime, str],
    limit: int,
    *,
    deadline: Deadline,
) -> list[CallDetails]:
    """Return at most `limit` calls of `period` longer than `length`, in the order of its bills."""

    def find(connection: Connection) -> list[CallDetails]:
        return _calls(connection, checks.long_calls(connection, period, length, after, limit))

    return read(find, deadline=deadline)


def old_calls(
    period: BillingPeriod,
    after: tuple[datetime, str],
    limit: int,
    *,
    pricing: Pricing,
    deadline: Deadline,
) -> list[CallDetails]:
    """Return at most `limit` old calls that were priced in the month `period`, in that order."""
    bounds = period.bounds(pricing.billing_zone)

    def find(connection: Connection) -> list[CallDetails]:
        return _calls(connection, checks.old_calls(connection, bounds, after, limit))

    return read(find, deadline=deadline)


def _calls(connection: Connection, call_ids: list[str]) -> list[CallDetails]:
    found = calls.look_up(connection, call_ids) if call_ids else {}
    return [CallDetails(found[call_id]) for call_id in call_ids]

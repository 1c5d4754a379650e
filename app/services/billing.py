"""Billing: the bills of a closed month. It only reads; each price is the frozen one."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from itertools import chain, groupby, islice
from operator import itemgetter

from sqlalchemy import Connection

from app.database.retry import retry
from app.database.transactions import read, transaction
from app.domain.bill import Bill
from app.domain.errors import NotFound, PeriodPseudonymised
from app.domain.period import BillingPeriod
from app.domain.subscriber import Subscriber
from app.domain.tariff import TariffBook
from app.limits.deadline import Deadline
from app.services.pricing import Pricing
from app.store import bill_lines, open_calls, pseudonyms, subscribers


def bill_for(
    subscriber: str,
    period: BillingPeriod | None,
    *,
    pricing: Pricing,
    now: datetime,
    deadline: Deadline,
) -> Bill:
    """Return the bill of `subscriber`, a well-formed number, for `period` or the last closed month.

    Raises PeriodNotClosed for a month that has not ended at `now` (rule 16), PeriodPseudonymised
    for a month whose calls have lost their numbers, and NotFound for one before the first tariff.
    """
    closed = _closed(period, pricing, now)
    return read(
        lambda connection: _read_bill(connection, subscriber, closed, pricing), deadline=deadline
    )


def bill_run(
    period: BillingPeriod | None, *, pricing: Pricing, now: datetime, deadline: Deadline
) -> Iterator[Bill]:
    """Yield the bills of all subscribers with calls in `period`, in the order of their numbers.

    The first bill is read before this returns, so that a database out of reach is reported in time.
    Raises PeriodNotClosed and NotFound as `bill_for` does.
    """
    closed = _closed(period, pricing, now)

    def begin() -> Iterator[Bill]:
        bills = _read_bills(closed, pricing, deadline)
        return chain(list(islice(bills, 1)), bills)

    return retry(begin, deadline)


def _closed(period: BillingPeriod | None, pricing: Pricing, now: datetime) -> BillingPeriod:
    period = period or BillingPeriod.last_closed(now, pricing.billing_zone)
    period.check_closed(now, pricing.billing_zone)
    return period


def _read_bill(
    connection: Connection, subscriber: str, period: BillingPeriod, pricing: Pricing
) -> Bill:
    if pseudonyms.has_any(connection, period):
        raise PeriodPseudonymised(f"The calls of {period} have pseudonyms for their numbers.")
    bounds = period.bounds(pricing.billing_zone)
    book, currency = _tariffs(connection, period, pricing)
    return Bill(
        subscriber=subscriber,
        subscriber_name=subscribers.name_of(connection, subscriber),
        period=period,
        zone=pricing.billing_zone,
        book=book,
        currency=currency,
        lines=bill_lines.bill_lines(connection, subscriber, period),
        unpriced_calls=open_calls.count_of(connection, subscriber, bounds),
    )


def _read_bills(period: BillingPeriod, pricing: Pricing, deadline: Deadline) -> Iterator[Bill]:
    # The run may last for minutes. If it read the tariffs in its own transaction, a publication
    # would wait for it, and the intake for the publication.
    with transaction(deadline, read_only=True) as connection:
        book, currency = _tariffs(connection, period, pricing)
    with (
        transaction(None, read_only=True) as connection,
        closing(bill_lines.bill_run(connection, period)) as lines,
        closing(subscribers.in_order(connection)) as named,
    ):
        unpriced = open_calls.count_by_subscriber(connection, period.bounds(pricing.billing_zone))
        name_of = _Names(named).of
        for subscriber, lines_of_one in groupby(lines, key=itemgetter(0)):
            yield Bill(
                subscriber=subscriber,
                subscriber_name=name_of(subscriber),
                period=period,
                zone=pricing.billing_zone,
                book=book,
                currency=currency,
                lines=tuple(line for _, line in lines_of_one),
                unpriced_calls=unpriced.get(subscriber, 0),
            )


class _Names:
    """The names of subscribers, looked up in the order of the numbers in which they are read."""

    def __init__(self, named: Iterator[Subscriber]) -> None:
        self._named = named
        self._next = next(named, None)

    def of(self, number: str) -> str | None:
        """Return the name of `number`, or None without one."""
        while self._next is not None and self._next.number < number:
            self._next = next(self._named, None)
        return self._next.name if self._next is not None and self._next.number == number else None


def _tariffs(
    connection: Connection, period: BillingPeriod, pricing: Pricing
) -> tuple[TariffBook, str]:
    """Return a book with the tariffs that priced the calls of `period`, and their currency."""
    _, closed_at = period.bounds(pricing.billing_zone)
    book = pricing.book_for(connection, closed_at)
    tariff = book.in_force_at(closed_at)
    if tariff is None:
        raise NotFound(f"No tariff was in force in {period}.")
    return book, tariff.currency

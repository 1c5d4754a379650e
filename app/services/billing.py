"""Billing: the bill of a subscriber for a closed month. Reads only; a price is what was frozen."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, groupby, islice
from operator import itemgetter

from app.db import Cursor, retrying, transaction
from app.domain.bill import Bill
from app.domain.errors import NotFound, PeriodPseudonymised
from app.domain.period import BillingPeriod
from app.services.pricing import Pricing
from app.store import calls, pseudonyms


def bill_for(
    subscriber: str, period: BillingPeriod | None, *, pricing: Pricing, now: datetime
) -> Bill:
    """Give the bill of `subscriber`, a well-formed number, for `period` or the last closed month.

    Raises PeriodNotClosed for a month that has not ended at `now` (rule 16), and
    PeriodPseudonymised for one in which calls have lost their numbers.
    """
    closed = _closed(period, pricing, now)
    return retrying(lambda: _read_bill(subscriber, closed, pricing))


def bill_run(period: BillingPeriod | None, *, pricing: Pricing, now: datetime) -> Iterator[Bill]:
    """Give the bills of all subscribers with calls in `period`, in their order, one by one.

    The first is read before this returns, so that a database out of reach is told in time. Raises
    PeriodNotClosed as `bill_for` does.
    """
    closed = _closed(period, pricing, now)

    def begin() -> Iterator[Bill]:
        bills = _read_bills(closed, pricing)
        return chain(list(islice(bills, 1)), bills)

    return retrying(begin)


def _closed(period: BillingPeriod | None, pricing: Pricing, now: datetime) -> BillingPeriod:
    period = period or BillingPeriod.last_closed(now, pricing.billing_zone)
    period.check_closed(now, pricing.billing_zone)
    return period


def _read_bill(subscriber: str, period: BillingPeriod, pricing: Pricing) -> Bill:
    with transaction(read_only=True) as cursor:
        if pseudonyms.has_any(cursor, period):
            raise PeriodPseudonymised(f"The calls of {period} have pseudonyms for their numbers.")
        bounds = period.bounds(pricing.billing_zone)
        return Bill(
            subscriber=subscriber,
            subscriber_name=None,
            period=period,
            zone=pricing.billing_zone,
            currency=_currency(cursor, period, pricing),
            lines=calls.bill_lines(cursor, subscriber, period),
            unpriced_calls=calls.count_open(cursor, subscriber, bounds),
        )


def _read_bills(period: BillingPeriod, pricing: Pricing) -> Iterator[Bill]:
    with transaction(read_only=True, is_long=True) as cursor:
        currency = _currency(cursor, period, pricing)
        unpriced = calls.count_open_by_subscriber(cursor, period.bounds(pricing.billing_zone))
        lines = calls.bill_run(cursor, period)
        for subscriber, lines_of_one in groupby(lines, key=itemgetter(0)):
            yield Bill(
                subscriber=subscriber,
                subscriber_name=None,
                period=period,
                zone=pricing.billing_zone,
                currency=currency,
                lines=tuple(line for _, line in lines_of_one),
                unpriced_calls=unpriced.get(subscriber, 0),
            )


def _currency(cursor: Cursor, period: BillingPeriod, pricing: Pricing) -> str:
    _, closed_at = period.bounds(pricing.billing_zone)
    tariff = pricing.tariff_at(cursor, closed_at)
    if tariff is None:
        raise NotFound(f"No tariff was in force in {period}.")
    return tariff.currency

"""Billing: the bill of a subscriber for a closed month. Reads only; a price is what was frozen."""

from datetime import datetime

from app.db import retrying, transaction
from app.domain.bill import Bill
from app.domain.errors import NotFound
from app.domain.period import BillingPeriod
from app.services.pricing import Pricing
from app.store import calls


def bill_for(
    subscriber: str, period: BillingPeriod | None, *, pricing: Pricing, now: datetime
) -> Bill:
    """Give the bill of `subscriber`, a well-formed number, for `period` or the last closed month.

    Raises PeriodNotClosed for a month that has not ended at `now` (rule 16).
    """
    zone = pricing.billing_zone
    period = period or BillingPeriod.last_closed(now, zone)
    period.check_closed(now, zone)
    return retrying(lambda: _read_bill(subscriber, period, pricing))


def _read_bill(subscriber: str, period: BillingPeriod, pricing: Pricing) -> Bill:
    bounds = period.bounds(pricing.billing_zone)
    with transaction(read_only=True) as cursor:
        tariff = pricing.tariff_at(cursor, bounds[1])
        if tariff is None:
            raise NotFound(f"No tariff was in force in {period}.")
        return Bill(
            subscriber=subscriber,
            subscriber_name=None,
            period=period,
            zone=pricing.billing_zone,
            currency=tariff.currency,
            lines=calls.bill_lines(cursor, subscriber, period),
            unpriced_calls=calls.count_open(cursor, subscriber, bounds),
        )

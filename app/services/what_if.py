"""What-if: compares the frozen prices of a closed month with another tariff; writes nothing."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import Connection

from app.database.transactions import read
from app.domain.errors import InvalidParameter, NotFound
from app.domain.period import BillingPeriod
from app.domain.rating import rate_call
from app.domain.tariff import Tariff, TariffBook
from app.domain.what_if import ComparedCall, WhatIf
from app.limits.deadline import Deadline
from app.services.pricing import Pricing
from app.store import bill_lines, tariffs

# Takes the calls and their number; its context yields the same calls and shows the progress.
Progress = Callable[[Iterator[ComparedCall], int], AbstractContextManager[Iterable[ComparedCall]]]


def what_if(
    period: BillingPeriod,
    tariff_id: int,
    *,
    pricing: Pricing,
    now: datetime,
    progress: Progress,
    deadline: Deadline,
) -> tuple[Tariff, WhatIf]:
    """Rate the priced calls of `period` under the tariff of `tariff_id`, begun or not.

    Raises PeriodNotClosed for a month that has not ended at `now` (rule 16), NotFound for an
    unknown tariff, and InvalidParameter for one in another currency than the frozen prices.
    """
    period.check_closed(now, pricing.billing_zone)

    def compare(connection: Connection) -> tuple[Tariff, WhatIf]:
        book = TariffBook.of(*tariffs.read_all(connection))
        tariff = book.with_id(tariff_id)
        if tariff is None:
            raise NotFound(f"There is no tariff {tariff_id}.")
        count = bill_lines.count_priced(connection, period)
        with progress(_compared(connection, period, book, tariff), count) as compared:
            return tariff, WhatIf(compared)

    return read(compare, deadline=deadline, is_long=True)


def _compared(
    connection: Connection, period: BillingPeriod, book: TariffBook, tariff: Tariff
) -> Iterator[ComparedCall]:
    for source, line in bill_lines.bill_run(connection, period):
        # The index that the lines come from does not hold the tariff of a price; by rule 9 it is
        # the one in force when the call started.
        frozen_under = book.in_force_at(line.started_at)
        assert frozen_under is not None  # A call that no tariff covers is never priced.
        if frozen_under.currency != tariff.currency:
            raise InvalidParameter(
                f"Tariff {tariff.tariff_id} is in {tariff.currency}, and calls of {period} were"
                f" priced in {frozen_under.currency}: these cannot be compared."
            )
        rated = rate_call(line.started_at, line.ended_at, tariff)
        yield ComparedCall(line.call_id, source, line.price, rated.price)

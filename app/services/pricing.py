"""Pricing: rates a complete call under the tariff in force at its start; the price is frozen."""

from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.database.transactions import write
from app.domain.call import Call, Price
from app.domain.errors import Unavailable
from app.domain.period import BillingPeriod
from app.domain.plausibility import USUAL, Plausibility
from app.domain.rating import rate_call
from app.domain.tariff import TariffBook
from app.limits.deadline import Deadline
from app.store import calls, installation, open_calls, tariffs
from app.telemetry.metrics import current_metrics

_RECONCILE_CHUNK = 500


class Pricing:
    """Rates calls for one service, and keeps its tariffs in memory.

    A tariff begins later than `clock_skew_max` after its publication (rule 9). So the tariffs read
    at some instant are complete for every call that starts up to `clock_skew_max` after it,
    however old they are. Only a call that starts later makes them be read again.
    """

    def __init__(
        self,
        billing_zone: ZoneInfo,
        clock_skew_max: timedelta,
        plausibility: Plausibility = USUAL,
    ) -> None:
        self.billing_zone = billing_zone
        self.clock_skew_max = clock_skew_max
        self.plausibility = plausibility
        self._book: TariffBook | None = None

    def book_for(self, connection: Connection, started_at: datetime) -> TariffBook:
        """Return a book that is complete for calls that started at `started_at`."""
        book = self._book
        if book is None or started_at > book.complete_until:
            self._check_billing_zone(connection)
            found, read_at = tariffs.read_all(connection)
            book = self._book = TariffBook.of(found, read_at + self.clock_skew_max)
        return book

    def _check_billing_zone(self, connection: Connection) -> None:
        """Raise Unavailable if the installation bills in another zone than this service."""
        stored = installation.billing_zone(connection)
        if stored not in (None, self.billing_zone):
            raise Unavailable(
                f"This service bills in {self.billing_zone}, and its database in {stored}."
                " Nothing of this request was acknowledged; sending it again is safe."
            )

    def priced(self, call: Call, book: TariffBook, now: datetime) -> Call:
        """Return a complete call with its price, to be frozen at `now` (rules 9 to 15).

        `book` is complete for the call's start; no statement is sent.
        """
        call_id, start, end, *_ = call
        assert start is not None and end is not None
        tariff = book.in_force_at(start.started_at)
        assert tariff is not None  # A start that no tariff covers is never stored.
        rated = rate_call(start.started_at, end.ended_at, tariff)
        period = BillingPeriod.of(end.ended_at, self.billing_zone)
        return Call(call_id, start, end, Price(rated.price, tariff.tariff_id, period, now))

    def reconcile(self, now: datetime) -> int:
        """Price every complete call that has no price, and return how many there were.

        The intake prices a call in the transaction that completes it, so there should be none.
        """
        priced = 0
        price_some = partial(self._reconcile_chunk, now=now)
        while found := write(price_some, deadline=Deadline.start()):
            priced += found
            if metrics := current_metrics():
                metrics.calls_priced.inc(found)
        return priced

    def _reconcile_chunk(self, connection: Connection, now: datetime) -> int:
        call_ids = open_calls.complete_and_unpriced(connection, _RECONCILE_CHUNK)
        found = calls.look_up(connection, call_ids)
        complete = [found[call_id] for call_id in sorted(found)]
        starts = [call.start.started_at for call in complete if call.start is not None]
        if not starts:
            return 0
        book = self.book_for(connection, max(starts))
        # A call that another session prices in between is left as it is.
        priced = (self.priced(call, book, now) for call in complete)
        passed_over = calls.write(connection, priced, known=found.keys())
        return len(complete) - len(passed_over)

"""How a call is written as a row of `calls`, and read from one."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain, islice
from typing import Any

import msgspec

from app.domain.call import Call, Price
from app.domain.call_record import EndRecord, StartRecord
from app.domain.period import BillingPeriod

START = ("start_record_id", "started_at", "source", "destination", "start_received_at")
END = ("end_record_id", "ended_at", "end_received_at")
PRICE = ("price_cents", "tariff_id", "period", "priced_at")
COLUMNS = ("call_id", *START, *END, *PRICE)

# A line of JSON without its brackets is a line of such CSV, and JSON is written in no time.
COPY_FORMAT = "FORMAT csv, ESCAPE '\\', NULL 'null'"
_encode_lines = msgspec.json.Encoder().encode_lines
_CALLS_A_READ = 100

_NO_START, _NO_END, _NO_PRICE = ((None,) * len(each) for each in (START, END, PRICE))


def row_of(call: Call) -> tuple[Any, ...]:
    """Give the values of `COLUMNS`."""
    call_id, start, end, price = call
    return (
        call_id,
        *(_NO_START if start is None else start[1:]),
        *(_NO_END if end is None else end[1:]),
        *(
            _NO_PRICE
            if price is None
            else (price.cents, price.tariff_id, price.period.first_day, price.priced_at)
        ),
    )


class CopyFile:
    """Calls as a file for COPY. They are taken while it is read: PostgreSQL is at work meanwhile.

    `taken` are those taken so far, and `failure` is what went wrong in taking the next ones.
    """

    def __init__(self, calls: Iterator[Call]) -> None:
        self.taken: list[Call] = []
        self.failure: Exception | None = None
        self._calls = calls

    def rewind(self) -> None:
        """Begin anew with the first call."""
        self._calls = chain(self.taken, self._calls)
        self.taken = []

    def read(self, _: int) -> bytes:
        """Give the next lines; how long they are is not for the reader to say."""
        try:
            calls = list(islice(self._calls, _CALLS_A_READ))
        except Exception as failure:
            self.failure = failure
            raise
        self.taken += calls
        lines = _encode_lines(map(row_of, calls))
        return lines[1:-2].replace(b"]\n[", b"\n") + b"\n" if calls else b""


def calls_of(rows: Iterable[tuple[Any, ...]]) -> Iterator[Call]:
    """Yield the call of each of `rows`, which hold the values of `COLUMNS`."""
    for (
        call_id,
        start_id, started_at, source, destination, start_received_at,
        end_id, ended_at, end_received_at,
        cents, tariff_id, period, priced_at,
    ) in rows:  # fmt: skip
        start = end = price = None
        if started_at is not None:
            start = StartRecord(
                call_id, start_id, started_at, source, destination, start_received_at
            )
        if ended_at is not None:
            end = EndRecord(call_id, end_id, ended_at, end_received_at)
        if cents is not None:
            price = Price(cents, tariff_id, _period(period), priced_at)
        yield Call(call_id, start, end, price)


def _period(first_day: date) -> BillingPeriod:
    return BillingPeriod(first_day.year, first_day.month)

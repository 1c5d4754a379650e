"""How a call is written as a row of `calls`, and read from one."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any, TextIO, cast

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


def copy_file(calls: Iterable[Call]) -> TextIO:
    """Give `calls` as a file for COPY, made while it is read: PostgreSQL is at work meanwhile."""
    return cast(TextIO, _CopyFile(calls))  # COPY does nothing but read.


class _CopyFile:
    def __init__(self, calls: Iterable[Call]) -> None:
        self._rows = map(row_of, calls)

    def read(self, _: int) -> bytes:
        rows = list(islice(self._rows, _CALLS_A_READ))
        return _encode_lines(rows)[1:-2].replace(b"]\n[", b"\n") + b"\n" if rows else b""


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

"""How a call is written as a row of `calls`, and read from one."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any, TextIO, cast

from app.domain.call import Call, Price
from app.domain.call_record import EndRecord, StartRecord
from app.domain.period import BillingPeriod

START = ("start_record_id", "started_at", "source", "destination", "start_received_at")
END = ("end_record_id", "ended_at", "end_received_at")
PRICE = ("price_cents", "tariff_id", "period", "priced_at")
COLUMNS = ("call_id", *START, *END, *PRICE)

# How COPY is told of a null: by a character that no record can hold.
NULL = "\x01"
_NO_START, _NO_END, _NO_PRICE = ("\t".join(NULL for _ in each) for each in (START, END, PRICE))
_ROWS_A_READ = 100


def row_of(call: Call) -> tuple[Any, ...]:
    """Give the values of `COLUMNS`."""
    start, end, price = call.start, call.end, call.price
    return (
        call.call_id,
        *((None,) * 5 if start is None else start[1:]),
        *((None,) * 3 if end is None else end[1:]),
        *(
            (None,) * 4
            if price is None
            else (price.cents, price.tariff_id, price.period.first_day, price.priced_at)
        ),
    )


def copy_file(calls: Iterable[Call]) -> TextIO:
    """Give `calls` as a file for COPY, made while it is read: PostgreSQL is at work meanwhile."""
    return cast(TextIO, _CopyFile(calls))  # COPY does nothing but read.


class _CopyFile:
    def __init__(self, calls: Iterable[Call]) -> None:
        self._lines = _copy_lines(calls)

    def read(self, _: int) -> str:
        return "".join(islice(self._lines, _ROWS_A_READ)).replace("\\", "\\\\")


def _copy_lines(calls: Iterable[Call]) -> Iterator[str]:
    shared = _Texts()
    for call_id, start, end, price in calls:
        started = ended = priced = None
        if start is not None:
            started = (
                f"{start.record_id}\t{start.started_at.isoformat()}\t{start.source}"
                f"\t{start.destination}\t{shared[start.received_at]}"
            )
        if end is not None:
            ended = f"{end.record_id}\t{end.ended_at.isoformat()}\t{shared[end.received_at]}"
        if price is not None:
            cents, tariff_id, period, priced_at = price
            priced = f"{cents}\t{tariff_id}\t{shared[period.first_day]}\t{shared[priced_at]}"
        yield f"{call_id}\t{started or _NO_START}\t{ended or _NO_END}\t{priced or _NO_PRICE}\n"


class _Texts(dict[date, str]):
    """The texts of dates and instants that many rows share, each written out once."""

    def __missing__(self, value: date) -> str:
        self[value] = value.isoformat()
        return self[value]


def calls_of(rows: Iterable[tuple[Any, ...]]) -> Iterator[Call]:
    """Yield the call of each of `rows`, which hold the values of `COLUMNS`."""
    for call_id, *values in rows:
        started, ended, (cents, tariff_id, period, priced_at) = values[:5], values[5:8], values[8:]
        yield Call(
            call_id,
            StartRecord(call_id, *started) if started[1] is not None else None,
            EndRecord(call_id, *ended) if ended[1] is not None else None,
            Price(cents, tariff_id, _period(period), priced_at) if cents is not None else None,
        )


def _period(first_day: date) -> BillingPeriod:
    return BillingPeriod(first_day.year, first_day.month)

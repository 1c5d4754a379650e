"""How a call is written as a row of `calls`, and read from one."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Any, NamedTuple

import msgspec

from app.database import models
from app.domain.call import Call, Price
from app.domain.call_record import EndRecord, StartRecord
from app.domain.money import Cents
from app.domain.period import BillingPeriod


class CallRow(NamedTuple):
    """A row of `calls`; its fields are the columns of `models.Call`, in the order of a `Call`.

    The columns of a half, or of the price, are all null or all filled (a CHECK holds it), so one
    of them tells for all.
    """

    call_id: str
    start_record_id: Any
    started_at: datetime | None
    source: Any
    destination: Any
    start_received_at: Any
    end_record_id: Any
    ended_at: datetime | None
    end_received_at: Any
    price_cents: Cents | None
    tariff_id: Any
    period: Any
    priced_at: Any
    contested: bool | None


COLUMNS = CallRow._fields
START, END, PRICE = COLUMNS[1:6], COLUMNS[6:9], COLUMNS[9:13]
assert set(COLUMNS) == {column.name for column in models.Call.__table__.columns}

# A line of JSON without its brackets is a line of such CSV, and msgspec writes JSON fastest.
COPY_FORMAT = "FORMAT csv, ESCAPE '\\', NULL 'null'"
_encode_lines = msgspec.json.Encoder().encode_lines
_CALLS_A_READ = 100

_NO_START, _NO_END, _NO_PRICE = ((None,) * len(each) for each in (START, END, PRICE))


def row_of(call: Call) -> tuple[Any, ...]:
    """Return the values of `COLUMNS`, in their order."""
    call_id, start, end, price, is_contested = call
    return (
        call_id,
        *(_NO_START if start is None else start[1:]),
        *(_NO_END if end is None else end[1:]),
        *(
            _NO_PRICE
            if price is None
            else (price.cents, price.tariff_id, price.period.first_day, price.priced_at)
        ),
        is_contested or None,
    )


class CopyFile:
    """A file for COPY, which draws its calls from an iterator while PostgreSQL reads it.

    So PostgreSQL writes the first calls while the next ones are made. Making them must not use the
    connection, which is busy. `drawn` are the calls so far; `failure` is what the iterator raised.
    """

    def __init__(self, calls: Iterator[Call]) -> None:
        self.drawn: list[Call] = []
        self.failure: Exception | None = None
        self._calls = calls

    def rewind(self) -> None:
        """Begin again with the first call."""
        self._calls = chain(self.drawn, self._calls)
        self.drawn = []

    def read(self, _: int = -1) -> bytes:
        """Return the next lines, of any length."""
        try:
            calls = list(islice(self._calls, _CALLS_A_READ))
        except Exception as failure:
            self.failure = failure
            raise
        self.drawn += calls
        lines = _encode_lines(map(row_of, calls))
        return lines[1:-2].replace(b"]\n[", b"\n") + b"\n" if calls else b""

    def readline(self, _: int = -1) -> bytes:
        """Return the next lines; the driver requires the method and never calls it."""
        return self.read()


def calls_of(rows: Iterable[tuple[Any, ...]]) -> Iterator[Call]:
    """Yield the call of each of `rows`, which have the values of `COLUMNS`."""
    for row in map(CallRow._make, rows):
        is_contested = row.contested is not None
        yield Call(row.call_id, _start_of(row), _end_of(row), _price_of(row), is_contested)


def _start_of(row: CallRow) -> StartRecord | None:
    if row.started_at is None:
        return None
    return StartRecord(
        row.call_id,
        row.start_record_id,
        row.started_at,
        row.source,
        row.destination,
        row.start_received_at,
    )


def _end_of(row: CallRow) -> EndRecord | None:
    if row.ended_at is None:
        return None
    return EndRecord(row.call_id, row.end_record_id, row.ended_at, row.end_received_at)


def _price_of(row: CallRow) -> Price | None:
    if row.price_cents is None:
        return None
    period = BillingPeriod(row.period.year, row.period.month)
    return Price(row.price_cents, row.tariff_id, period, row.priced_at)

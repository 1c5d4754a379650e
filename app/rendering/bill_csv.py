"""Bills as CSV: one call a line, or one total a line."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.domain.bill import Bill
from app.rendering.bill_json import bill_json, bill_totals_json

_OF_THE_BILL = ("subscriber", "subscriber_name", "period")
_OF_THE_CALL = (
    "call_id",
    "destination",
    "start_date",
    "start_time",
    "duration",
    "duration_seconds",
    "price",
    "amount",
    "late",
)
_OF_THE_TOTAL = (
    "call_count",
    "total_duration",
    "total_duration_seconds",
    "total",
    "total_amount",
    "currency",
    "unpriced_calls",
)
# Where a spreadsheet would see a cell that is a formula. One that cuts at semicolons, as in Brazil,
# or at tabs does so whatever is quoted, so a cell begins behind those too.
_FORMULA = re.compile(r"(^|[;\t])(?=[=+\-@\t\r])")
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")


def calls_csv(bills: Iterable[Bill]) -> Iterator[str]:
    """Yield the header, then the calls of each bill."""
    yield _text([(*_OF_THE_BILL, *_OF_THE_CALL)])
    for bill in bills:
        said = bill_json(bill)
        head = _cells(said, _OF_THE_BILL)
        yield _text([*head, *_cells(call, _OF_THE_CALL)] for call in said["calls"])


def totals_csv(bills: Iterable[Bill]) -> Iterator[str]:
    """Yield the header, then the total of each bill."""
    columns = (*_OF_THE_BILL, *_OF_THE_TOTAL)
    yield _text([columns])
    for bill in bills:
        yield _text([_cells(bill_totals_json(bill), columns)])


def _cells(said: Mapping[str, Any], columns: Iterable[str]) -> list[Any]:
    return [_cell(said[column]) for column in columns]


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        # A bill run has millions of cells, and hardly one that the expression must look at.
        if value.startswith(_BEGINNINGS) or ";" in value or "\t" in value:
            return _FORMULA.sub(r"\1'", value)
        return value
    return str(value).lower() if isinstance(value, bool) else value


def _text(rows: Iterable[Iterable[Any]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()

"""Bills as CSV: one call a line, or one total a line.

With a decimal comma, a file is as spreadsheets in Brazil open it: they expect a semicolon between
cells, and a byte order mark before UTF-8.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

from app.domain.bill import Bill, BillRun
from app.schemas import fields
from app.schemas.bills import (
    CLOCK_TIME,
    DATE,
    BillHeadSchema,
    BillLineSchema,
    BillRunEndSchema,
    BillTotalsSchema,
)
from app.schemas.writer import Writer

# Where a spreadsheet would read a formula. Some spreadsheets split lines at semicolons, as in
# Brazil, or at tabs, even in quoted text: a cell begins after each of these.
_FORMULA = re.compile(r"(^|[;\t])(?=[=+\-@\t\r])")
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")
# The patterns of these allow no formula. Cells of any other text are searched for one.
NO_FORMULA = (
    fields.NUMBER_OR_PSEUDONYM,
    fields.MONTH,
    DATE,
    CLOCK_TIME,
    fields.DURATION,
    fields.PRICE,
    fields.AMOUNT,
    fields.CURRENCY,
)


class Decimal(StrEnum):
    """What stands before the cents of an amount."""

    POINT = "point"
    COMMA = "comma"


def calls_csv(bills: Iterable[Bill], decimal: Decimal = Decimal.POINT) -> Iterator[bytes]:
    """Yield the header, the calls of each bill, and a last row that says that it is the last."""
    written = _CSV[decimal]
    header = (*written.head.header, *written.line.header)
    run = BillRun(bills)
    yield written.mark + written.text([header])
    for bill in run:
        [head] = written.head.rows([bill])
        yield written.text(map(head.__add__, written.line.rows(bill.calls)))
    yield written.end(run, len(header))


def totals_csv(bills: Iterable[Bill], decimal: Decimal = Decimal.POINT) -> Iterator[bytes]:
    """Yield the header, the total of each bill, and such a last row."""
    written = _CSV[decimal]
    run = BillRun(bills)
    yield written.mark + written.text([written.totals.header])
    for bill in run:
        yield written.text(written.totals.rows([bill]))
    yield written.end(run, len(written.totals.header))


class _Table:
    """Rows of cells: the fields that a writer's schema declares, in its order."""

    def __init__(self, writer: Writer, decimal: Decimal) -> None:
        self.header = writer.names
        self._columns = writer.columns
        self._cells = [_cell_of(shape, decimal) for shape in writer.shapes]

    def rows(self, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        """Yield a row for each of `values`. By columns, it takes half the time."""
        columns = zip(self._columns(values), self._cells, strict=True)
        return zip(
            *(map(cell, column) if cell else column for column, cell in columns), strict=True
        )


class _Csv:
    """The tables of bills, and their text, with one kind of decimals."""

    def __init__(self, decimal: Decimal) -> None:
        is_comma = decimal is Decimal.COMMA
        self.mark = codecs.BOM_UTF8 if is_comma else b""
        self._delimiter = ";" if is_comma else ","
        self._amount_cell = _comma_cell if is_comma else str
        self.head = _Table(Writer(BillHeadSchema()), decimal)
        self.line = _Table(Writer(BillLineSchema()), decimal)
        # A cell holds no list.
        self.totals = _Table(Writer(BillTotalsSchema(exclude=("tariffs",))), decimal)

    def text(self, rows: Iterable[Iterable[Any]]) -> bytes:
        """Return rows as they are sent."""
        written = io.StringIO()
        csv.writer(written, delimiter=self._delimiter).writerows(rows)
        return written.getvalue().encode()

    def end(self, run: BillRun, width: int) -> bytes:
        """Return the last row: names and values in turn, in columns that nobody adds up."""
        values = _END(run)
        values["total_amount"] = self._amount_cell(values["total_amount"])
        cells = [cell for name_and_value in values.items() for cell in name_and_value]
        cells[1:2] = []  # `complete` needs no value.
        return self.text([[*cells[:width], *[None] * (width - len(cells))]])


def _cell_of(shape: fields.Json, decimal: Decimal) -> Callable[[Any], Any] | None:
    """Return what makes a cell of a value of `shape`; None if the value is the cell."""
    if shape.get("type") == "boolean":
        return _boolean_cell
    if shape == fields.AMOUNT and decimal is Decimal.COMMA:
        return _comma_cell
    return None if shape.get("type") == "integer" or shape in NO_FORMULA else _text_cell


def _boolean_cell(value: object) -> str:
    return "true" if value else "false"


def _comma_cell(amount: str) -> str:
    return amount.replace(".", ",")


def _text_cell(value: str | None) -> str | None:
    # A bill run has millions of cells, and the expression must look at hardly any.
    if value and (value.startswith(_BEGINNINGS) or ";" in value or "\t" in value):
        return _FORMULA.sub(r"\1'", value)
    return value


_END = Writer(BillRunEndSchema(exclude=("unpriced_calls",))).one
_CSV = {decimal: _Csv(decimal) for decimal in Decimal}

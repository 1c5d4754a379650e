"""Bills as JSON and NDJSON."""

from collections.abc import Iterable, Iterator

import msgspec

from app.domain.bill import Bill
from app.schemas.bills import BillSchema, BillTotalsSchema
from app.schemas.writer import Writer

bill_json = Writer(BillSchema()).one
_totals_json = Writer(BillTotalsSchema()).one


def bills_ndjson(bills: Iterable[Bill]) -> Iterator[bytes]:
    """Yield each bill as a line of JSON."""
    return _lines(map(bill_json, bills))


def totals_ndjson(bills: Iterable[Bill]) -> Iterator[bytes]:
    """Yield each bill without its calls as a line of JSON."""
    return _lines(map(_totals_json, bills))


def _lines(values: Iterable[object]) -> Iterator[bytes]:
    return (msgspec.json.encode(each) + b"\n" for each in values)

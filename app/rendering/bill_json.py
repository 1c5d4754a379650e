"""Bills as JSON and NDJSON."""

from collections.abc import Callable, Iterable, Iterator

import msgspec

from app.domain.bill import Bill, BillRun
from app.schemas.bills import BillRunEndSchema, BillSchema, BillTotalsSchema
from app.schemas.fields import Json
from app.schemas.writer import Writer

bill_json = Writer(BillSchema()).one
_totals_json = Writer(BillTotalsSchema()).one
_end_json = Writer(BillRunEndSchema()).one


def bills_ndjson(bills: Iterable[Bill]) -> Iterator[bytes]:
    """Yield each bill as a line of JSON, and a last line that says that it is the last."""
    return _lines(bills, bill_json)


def totals_ndjson(bills: Iterable[Bill]) -> Iterator[bytes]:
    """Yield each bill without its calls as a line of JSON, and such a last line."""
    return _lines(bills, _totals_json)


def _lines(bills: Iterable[Bill], json_of: Callable[[Bill], Json]) -> Iterator[bytes]:
    run = BillRun(bills)
    for bill in run:
        yield msgspec.json.encode(json_of(bill)) + b"\n"
    yield msgspec.json.encode(_end_json(run)) + b"\n"

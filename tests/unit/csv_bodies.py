"""Bodies in CSV, and how they are read."""

from collections.abc import Iterable, Mapping

from app.domain.call import Reason
from app.domain.call_record import CallRecord
from app.domain.delivery import Delivery
from tests.unit.bodies import read
from tests.unit.record_texts import END, START

COLUMNS = tuple(START)
HEADER = b"id,type,timestamp,call_id,source,destination\n"
START_LINE = b"1,start,2016-02-29T12:00:00Z,70,99988526423,9993468278\n"
END_LINE = b"2,end,2016-02-29T14:00:00Z,70,,\n"


def csv_body(
    columns: Iterable[str] = COLUMNS,
    records: Iterable[Mapping[str, str]] = (START, END),
    *,
    delimiter: str = ",",
    line_break: str = "\n",
    quote: bool = False,
) -> bytes:
    """Give a header of `columns` and a line for each record, with nothing where it has no field."""
    columns = list(columns)
    rows = [columns, *([record.get(name, "") for name in columns] for record in records)]
    if quote:
        rows = [['"{}"'.format(field.replace('"', '""')) for field in row] for row in rows]
    return "".join(delimiter.join(row) + line_break for row in rows).encode()


def read_lines(body: bytes) -> list[Delivery]:
    found = read(body)
    assert found.is_many
    return found.deliveries


def records_of(body: bytes) -> list[CallRecord | None]:
    """Give the records of a body every line of which is one."""
    deliveries = read_lines(body)
    assert {each.reason for each in deliveries} <= {None}
    return [each.record for each in deliveries]


def unreadable(received: bytes, detail: str) -> Delivery:
    errors = [{"pointer": "", "detail": detail}]
    return Delivery(received, None, Reason.UNREADABLE_BODY, errors)

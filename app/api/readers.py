"""From the bytes of a body to deliveries: each record read, or the reason why it cannot be.

The first bytes decide what a body is, not its headers: a sender with a wrong Content-Type loses
nothing. A record that cannot be read spoils only itself.
"""

import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import Enum
from functools import partial
from itertools import islice
from typing import NamedTuple, TypeVar

from app.api import csv_reader, fast_lane, json_reader
from app.api.causes import cause_of, other_form
from app.domain.call import Reason
from app.domain.delivery import Delivery
from app.domain.errors import BodyTooLarge
from app.domain.strict_json import first_byte_not_utf_8
from app.limits.sizes import BODY_BYTES_MAX, RECORDS_MAX
from app.schemas.call_records import CallRecordReader

_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WHITE_SPACE = b" \t\r\n"
_NDJSON = re.compile(r"application/(x-)?(ndjson|jsonl|json-?lines)\b", re.IGNORECASE)

T = TypeVar("T")


class Body(NamedTuple):
    """The records of a request; `is_many` if the body is a list, even one of a single record."""

    is_many: bool
    deliveries: list[Delivery]


def read_body(
    body: bytes, reader: CallRecordReader, received_at: datetime, content_type: str = ""
) -> Body:
    """Read an array, NDJSON or CSV as many records and all else as one, unpacked if it is gzip.

    `content_type` matters only if it announces NDJSON: then each line is a record, even if there
    is one line only or the first is torn. A body that is not complete is one delivery that cannot
    be read, with all its bytes. Raises BodyTooLarge.
    """
    try:
        unpacked = _unpacked(body)
    except (EOFError, OSError, zlib.error):
        return unreadable_body(body, "is not a complete gzip")
    if len(unpacked) > BODY_BYTES_MAX:
        raise _too_large("is larger")
    if form := other_form(unpacked):
        return unreadable_body(unpacked, f"is {form}; send it as it is, or packed by gzip")
    return _read_text(unpacked, reader, received_at, is_ndjson=bool(_NDJSON.match(content_type)))


def line_numbers(body: bytes, content_type: str) -> list[int] | None:
    """Return the number of the first line of each record, from 1; None if `body` has no lines.

    `read_body` has read `body` as many records.
    """
    unpacked = _unpacked(body)
    form, text = _form_of(unpacked, is_ndjson=bool(_NDJSON.match(content_type)))
    before = unpacked[: len(unpacked) - len(text)]
    skipped = max(before.count(b"\n"), before.count(b"\r"))
    if form is _Form.TABLE:
        return [skipped + row.number for row in csv_reader.rows_of(text)]
    if form is _Form.LINES:
        lines = enumerate(io.BytesIO(text), skipped + 1)
        return [number for number, line in lines if line.strip(_WHITE_SPACE)]
    return None


class _Form(Enum):
    ARRAY = 1
    TABLE = 2  # CSV.
    LINES = 3  # NDJSON.
    ONE = 4


def _form_of(unpacked: bytes, *, is_ndjson: bool) -> tuple[_Form, bytes]:
    """Return what `unpacked` is, and its text from the first record or header on."""
    text = unpacked.removeprefix(_BYTE_ORDER_MARK).lstrip(_WHITE_SPACE)
    if text.startswith(b"["):
        return _Form.ARRAY, text
    if b"\n" not in text:
        text = text.replace(b"\r", b"\n")  # Line breaks of old systems.
    table = None if text.startswith(b"{") else csv_reader.table_in(text)
    if table is not None and not csv_reader.is_more_than_a_header(table):
        return _Form.TABLE, table
    has_lines = (is_ndjson and _has_objects_in_lines(text)) or _has_lines(text)
    return (_Form.LINES if has_lines else _Form.ONE), text


def _read_text(
    unpacked: bytes, reader: CallRecordReader, received_at: datetime, *, is_ndjson: bool
) -> Body:
    form, text = _form_of(unpacked, is_ndjson=is_ndjson)
    read_json = partial(_read_json, reader=reader, received_at=received_at)
    if form is _Form.ARRAY:
        return _read_array(text, reader, received_at) or unreadable_body(
            unpacked, "is not a complete JSON array"
        )
    if form is _Form.TABLE:
        read_row = partial(csv_reader.read_row, reader=reader, received_at=received_at)
        return _many(csv_reader.rows_of(text), read_row)
    if form is _Form.LINES:
        return _many(_lines_of(text), read_json)
    if not text:
        return unreadable_body(unpacked, "is empty: records are read from the body alone")
    delivery = read_json(text.rstrip(_WHITE_SPACE))
    if delivery.reason is Reason.UNREADABLE_BODY and (cause := cause_of(text)):
        return unreadable_body(unpacked, cause)
    return Body(is_many=False, deliveries=[delivery._replace(received=unpacked)])


def read_kept(
    received: bytes, received_at: datetime, *, reader: CallRecordReader
) -> list[Delivery]:
    """Read bytes out of suspense, as the intake reads them; they may hold any number of records.

    Gzip of a request that was cut off is kept packed. If it unpacks to more than a request may
    carry, it is one delivery that cannot be read.
    """
    try:
        return read_body(received, reader, received_at).deliveries
    except BodyTooLarge:
        return unreadable_body(received, "holds more than one request may carry").deliveries


def unreadable_body(body: bytes, detail: str) -> Body:
    """Return a body in which no records can be found: one delivery that cannot be read."""
    return Body(is_many=False, deliveries=[json_reader.unreadable(body, detail)])


def _many(records: Iterable[T], read: Callable[[T], Delivery]) -> Body:
    taken = list(islice(records, RECORDS_MAX + 1))
    if len(taken) > RECORDS_MAX:
        raise _too_large("has more records")
    return Body(is_many=True, deliveries=[read(each) for each in taken])


def _read_array(text: bytes, reader: CallRecordReader, received_at: datetime) -> Body | None:
    elements = fast_lane.split_array(text, RECORDS_MAX)
    if elements is None:
        elements = json_reader.split_array(text, RECORDS_MAX)
    if elements is None:
        return None
    records = fast_lane.read_canonical_array(text, elements, reader.billing_zone, received_at)
    if records is None:
        return _many(elements, partial(_read_json, reader=reader, received_at=received_at))
    return _many(zip(elements, records, strict=True), lambda each: Delivery(*each))


def _read_json(received: bytes, reader: CallRecordReader, received_at: datetime) -> Delivery:
    """Read one object by the fast lane, or by the forgiving one if that declines."""
    record = fast_lane.read_canonical(received, reader.billing_zone, received_at)
    if record is not None:
        return Delivery(received, record)
    return json_reader.read_object(received, reader, received_at)


def _lines_of(text: bytes) -> Iterator[bytes]:
    return filter(None, (line.strip(_WHITE_SPACE) for line in io.BytesIO(text)))


def _has_objects_in_lines(text: bytes) -> bool:
    """Return whether `text`, announced as lines, is lines: any of them may be bad, the first too.

    The bytes of a packed body may look like lines, and could not be put together again.
    """
    if b"{" not in text:
        return False
    if any(map(json_reader.is_object, islice(_lines_of(text), RECORDS_MAX))):
        return True
    return text.startswith(b"{") and first_byte_not_utf_8(text) is None


def _has_lines(text: bytes) -> bool:
    """Return whether the first line is an object by itself and other lines follow."""
    first, _, rest = text.partition(b"\n")
    return bool(rest.strip(_WHITE_SPACE)) and json_reader.is_object(first.strip(_WHITE_SPACE))


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body
    # Unpack a bounded number of bytes: a small body can unpack to any size.
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
        return packed.read(BODY_BYTES_MAX + 1)


def _too_large(how: str) -> BodyTooLarge:
    return BodyTooLarge(
        f"A request carries at most {RECORDS_MAX:,} records and"
        f" {BODY_BYTES_MAX // 1024**2} MiB unpacked; this one {how}."
    )

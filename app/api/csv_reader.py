"""CSV with a header: columns in any order, unknown ones ignored, separated by comma or semicolon.

A torn line spoils only itself. A quoted field may hold line breaks, as in any CSV: nobody who can
set the name of a caller can add a record to the file.
"""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from app.api.json_reader import unreadable
from app.domain.call import Reason
from app.domain.delivery import Delivery
from app.limits.sizes import RECORD_BYTES_MAX
from app.schemas.call_records import CallRecordReader, InvalidRecord

# The header is kept with each bad line, so it must be short.
_HEADER_BYTES_MAX = 2048
_REQUIRED = {"id", "type", "timestamp"}
# How the last field of a file without a final line break must end to be certainly complete. An id
# never is: a longer one may have been cut off.
_WHOLE = {
    "type": rb"start|end|.*\"",
    "timestamp": rb".*[Zz\"]",
    "source": rb"|[0-9]{11}|.*\"",
    "destination": rb"|[0-9]{11}|.*\"",
    "id": rb"(?!)",
    "call_id": rb"(?!)",
}


class Row(NamedTuple):
    """One record: its header and bytes, and its fields, None if the line is not valid CSV."""

    header: bytes
    columns: list[str]
    line: bytes
    fields: list[str] | None

    @property
    def received(self) -> bytes:
        """The bytes to keep: the header and the line, which cannot be read without it."""
        return self.header.rstrip(b"\r\n") + b"\n" + self.line


def is_csv(text: bytes) -> bool:
    """Return whether the first line is a header with the columns that a record must have."""
    header = text.partition(b"\n")[0]
    try:
        return len(header) <= _HEADER_BYTES_MAX and set(_columns(header)) >= _REQUIRED
    except (csv.Error, UnicodeError, StopIteration):
        return False


def rows_of(text: bytes) -> Iterator[Row]:
    """Yield the records below the header. Empty lines are skipped."""
    lines = io.BytesIO(text)
    header = next(lines)
    columns = _columns(header)
    taken: list[bytes] = []

    def take() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line.decode("utf-8", "surrogateescape")

    reader = csv.reader(take(), delimiter=_delimiter_of(header), strict=True)
    while True:
        taken.clear()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            fields = None
        line = b"".join(taken)
        if line.strip():
            yield Row(header, columns, line, fields)


def read_row(row: Row, reader: CallRecordReader, received_at: datetime) -> Delivery:
    """Read one line as a record. An empty field counts as absent."""
    if len(row.line) > RECORD_BYTES_MAX:
        return unreadable(row.received, "is larger than 64 KiB, the limit of a record")
    columns = row.columns
    if row.fields is None or not _is_utf_8(row.line):
        return unreadable(row.received, "is not a line of CSV in UTF-8")
    if len(row.fields) != len(columns):
        return unreadable(
            row.received, f"has {len(row.fields)} fields, while the header has {len(columns)}"
        )
    if not row.line.endswith(b"\n") and _may_be_cut_off(row, columns[-1]):
        return unreadable(row.received, "ends without a line break, and may be cut off")
    record = {name: field for name, field in zip(columns, row.fields, strict=True) if field}
    try:
        return Delivery(row.received, reader.read(record, received_at))
    except InvalidRecord as refusal:
        return Delivery(row.received, None, Reason.INVALID_RECORD, refusal.errors, refusal.call_id)


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _columns(header: bytes) -> list[str]:
    text = header.decode("utf-8").rstrip("\r\n")
    columns = [
        name.strip().lower()
        for name in next(csv.reader([text], delimiter=_delimiter_of(header), strict=True))
    ]
    named = [name for name in columns if name in _WHOLE]
    if len(set(named)) != len(named):
        raise csv.Error("a column stands twice")
    return columns


def _delimiter_of(header: bytes) -> str:
    return ";" if b";" in header else ","


def _may_be_cut_off(row: Row, column: str) -> bool:
    last = row.line.rsplit(_delimiter_of(row.header).encode())[-1]
    whole = _WHOLE.get(column, rb".*")
    return re.fullmatch(whole, last, re.IGNORECASE | re.DOTALL) is None

"""CSV with a header: columns in any order, unknown ones ignored.

A semicolon, a tab, a vertical bar or a comma separates them.

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
from app.domain.delivery import Delivery
from app.domain.strict_json import first_byte_not_utf_8
from app.limits.sizes import RECORD_BYTES_MAX
from app.schemas.call_records import CallRecordReader, InvalidRecord

# The header is kept with each bad line, so it must be short.
_HEADER_BYTES_MAX = 2048
_REQUIRED = {"id", "type", "timestamp"}
_HOLDS_A_TYPE = re.compile(rb"(start|end)\b", re.IGNORECASE)
_MORE_THAN_A_HEADER = (
    "is CSV in one line, and that is more than a header: with curl, use --data-binary instead of"
    " -d, which removes the line breaks"
)
# Fewer delimiters do not make a table.
_DELIMITERS_MIN = 2
_PREAMBLE = re.compile(rb"(?:sep=.|#[^\n]*+)\r?\n(?:#[^\n]*+\n)*+", re.IGNORECASE)
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
    """One record: its header and bytes, and its fields, None if the line is not valid CSV.

    `number` is that of its first line, counted from 1 for the header.
    """

    number: int
    header: bytes
    columns: list[str]
    line: bytes
    fields: list[str] | None

    @property
    def received(self) -> bytes:
        """The bytes to keep: the header and the line, which cannot be read without it."""
        return self.header.rstrip(b"\r\n") + b"\n" + self.line


def table_in(text: bytes) -> bytes | None:
    """Return `text` from the line of its header on, None if that lacks a column of every record.

    Before the header may stand `sep=;`, as spreadsheets write it, and comments that begin with `#`.
    """
    table = _PREAMBLE.sub(b"", text, count=1)
    header = table.partition(b"\n")[0]
    if len(header) > _HEADER_BYTES_MAX:
        return None
    return table if not _missing(header) else None


def is_more_than_a_header(table: bytes) -> bool:
    """Return whether the only line of a table names columns that no record has.

    A sender that strips line breaks, as `curl -d` does, puts records into the line of the header.
    Nothing tells their values from the names of other columns, so both are kept (rule 8).
    """
    header, _, rest = table.partition(b"\n")
    return not rest.strip() and not _WHOLE.keys() >= set(_columns(header))


def what_is_wrong(text: bytes) -> str | None:
    """Return why `text` is not a table of records, or None if it does not look like a table."""
    header = _PREAMBLE.sub(b"", text, count=1).partition(b"\n")[0][:_HEADER_BYTES_MAX]
    missing = _missing(header)
    if header.count(_delimiter_of(header).encode()) < _DELIMITERS_MIN or b"{" in header:
        return None
    if not missing or (b"\n" not in text and _HOLDS_A_TYPE.search(header)):
        return _MORE_THAN_A_HEADER
    if len(missing) == len(_REQUIRED):
        return f"looks like CSV without a header that names {', '.join(sorted(_REQUIRED))}"
    return f"is CSV whose header lacks {', '.join(sorted(missing))}"


def _missing(header: bytes) -> set[str]:
    """Return the columns of every record that a header lacks; all if it cannot be read."""
    try:
        return _REQUIRED.difference(_columns(header))
    except (csv.Error, UnicodeError, StopIteration):
        return _REQUIRED


def rows_of(text: bytes) -> Iterator[Row]:
    """Yield the records below the header. Empty lines are skipped."""
    lines = io.BytesIO(text)
    header = next(lines)
    columns = _columns(header)
    taken: list[bytes] = []
    number = 1

    def take() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line.decode("utf-8", "surrogateescape")

    reader = csv.reader(take(), delimiter=_delimiter_of(header), strict=True)
    while True:
        number += len(taken)
        taken.clear()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            fields = None
        line = b"".join(taken)
        if line.strip():
            yield Row(number + 1, header, columns, line, fields)


def read_row(row: Row, reader: CallRecordReader, received_at: datetime) -> Delivery:
    """Read one line as a record. An empty field counts as absent."""
    if len(row.line) > RECORD_BYTES_MAX:
        return unreadable(row.received, "is larger than 64 KiB, the limit of a record")
    columns = row.columns
    at = first_byte_not_utf_8(row.line)
    if row.fields is None or at is not None:
        where = "" if at is None else f" in UTF-8, from byte {at + 1} of the line on"
        return unreadable(row.received, f"is not a line of CSV{where}")
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
        return Delivery(row.received, None, refusal.reason, refusal.errors, refusal.call_id)


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
    return next((sign for sign in ";,\t|" if sign.encode() in header), ",")


def _may_be_cut_off(row: Row, column: str) -> bool:
    last = row.line.rsplit(_delimiter_of(row.header).encode())[-1]
    whole = _WHOLE.get(column, rb".*")
    return re.fullmatch(whole, last, re.IGNORECASE | re.DOTALL) is None

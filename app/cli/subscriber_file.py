"""Reads a file of subscribers: CSV with a header, separated by commas or semicolons."""

import csv
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TextIO

from app.domain.call_record import read_telephone_number
from app.domain.subscriber import Subscriber, read_name

_READERS = {"number": read_telephone_number, "name": read_name}


class BadLine(NamedTuple):
    """An invalid line: its number, counted from 1, and the reason."""

    number: int
    reason: str


def read_subscribers(path: Path) -> tuple[list[Subscriber], list[BadLine]]:
    """Return the subscribers in a file, each number once, and the invalid lines.

    A number may occur again with the same name.
    """
    # Bytes that are not UTF-8 become lone surrogates, which no name may contain: a bad line.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        return _read(_rows_of(file))


def _read(rows: Iterator[tuple[int, list[str] | None]]) -> tuple[list[Subscriber], list[BadLine]]:
    _, header = next(rows)
    columns = [column.strip().lower() for column in header or []]
    if any(columns.count(name) != 1 for name in _READERS):
        return [], [BadLine(1, "must be a header that names the columns number and name once")]
    known: dict[str, tuple[int, Subscriber]] = {}
    bad_lines = []
    for line, fields in rows:
        try:
            subscriber = _subscriber(columns, fields)
        except ValueError as error:
            bad_lines.append(BadLine(line, str(error)))
            continue
        first_line, first = known.setdefault(subscriber.number, (line, subscriber))
        if subscriber != first:
            bad_lines.append(BadLine(line, f"number: has another name in line {first_line}"))
    return [subscriber for _, subscriber in known.values()], bad_lines


def _rows_of(file: TextIO) -> Iterator[tuple[int, list[str] | None]]:
    """Yield the number and the fields of each line; the fields are None if it is not valid CSV.

    The first line is the header, even if empty. Other empty lines are skipped.
    """
    header = file.readline()
    lines = chain([header], file)
    reader = csv.reader(lines, delimiter=";" if ";" in header else ",", strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, None
        else:
            if fields or line == 1:
                yield line, fields


def _subscriber(columns: Sequence[str], fields: Sequence[str] | None) -> Subscriber:
    if fields is None:
        raise ValueError("is not valid CSV: text follows a quoted field, or a quote is not closed")
    if len(fields) != len(columns):
        raise ValueError(f"has {len(fields)} fields, while the header has {len(columns)}")
    values = {}
    for name, read in _READERS.items():
        try:
            values[name] = read(fields[columns.index(name)])
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return Subscriber(**values)

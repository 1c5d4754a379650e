"""A file of subscribers: CSV with a header, cut by commas or semicolons, as spreadsheets write."""

import csv
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TextIO

from app.domain.call_record import read_telephone_number
from app.domain.subscriber import Subscriber, read_name

_READERS = {"number": read_telephone_number, "name": read_name}


class BadLine(NamedTuple):
    """A line that cannot be used: its number, counted from 1, and why."""

    number: int
    reason: str


def read_subscribers(path: Path) -> tuple[list[Subscriber], list[BadLine]]:
    """Give the subscribers of a file, each number once, and the lines that cannot be used.

    A number may come again with the same name.
    """
    # What is no UTF-8 is read as lone surrogates, which no name may hold: so its line is told.
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
    """Yield the number and the fields of each line, None where they cannot be told apart.

    The first one is the header, whatever it is; empty lines behind it are none.
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
        raise ValueError("is no CSV: there is text behind a quoted field, or a quote stays open")
    if len(fields) != len(columns):
        raise ValueError(f"has {len(fields)} fields, while the header has {len(columns)}")
    said = {}
    for name, read in _READERS.items():
        try:
            said[name] = read(fields[columns.index(name)])
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return Subscriber(**said)

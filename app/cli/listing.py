"""What commands list: aligned columns under a header line for people, JSON lines for programs."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import click

# A number, or a missing one: such columns are aligned to the right.
_NUMBER = re.compile(r"-|\d+(\.\d+)?")
# Texts, whole numbers and None.
Row = Mapping[str, Any]
# So many rows are aligned with each other: a long list begins before its last row is read.
_ALIGNED_ROWS_MAX = 1_000

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object per line, for programs."
)


def print_rows(rows: Iterable[Row], *, as_json: bool) -> None:
    """Print `rows`, which all have the same members in the same order.

    In columns, a value that is None is `-`, and a list without rows prints nothing.
    """
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    remaining = iter(rows)
    is_first = True
    while chunk := list(islice(remaining, _ALIGNED_ROWS_MAX)):
        for line in _aligned(chunk, with_header=is_first):
            click.echo(line)
        is_first = False


def _aligned(rows: list[Row], *, with_header: bool) -> Iterator[str]:
    names = [*rows[0]]
    texts = [["-" if value is None else str(value) for value in row.values()] for row in rows]
    header = [name.replace("_", " ") for name in names]
    widths = [max(map(len, column)) for column in zip(header, *texts, strict=True)]
    numeric = [all(map(_NUMBER.fullmatch, column)) for column in zip(*texts, strict=True)]
    for line in [header, *texts] if with_header else texts:
        cells = [
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(line, widths, numeric, strict=True)
        ]
        yield "  ".join(cells).rstrip()

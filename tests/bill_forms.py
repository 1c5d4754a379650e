"""The lines and totals of a bill, read back out of each of its forms."""

import csv
import io
import re
from datetime import datetime
from html.parser import HTMLParser
from typing import Any, NamedTuple

from pypdf import PdfReader


class Read(NamedTuple):
    """A form's lines (destination, date, time, duration, price, late) and its total."""

    lines: list[tuple[Any, ...]]
    total: str


def of_json(bill: dict[str, Any]) -> Read:
    return Read([_line(call) for call in bill["calls"]], bill["total"])


def of_csv(content: bytes, *, delimiter: str = ",", decimal: str = ".") -> Read:
    *rows, end = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter)
    values = [*end.values()]
    assert values[:5] == ["complete", "bills", "1", "calls", str(len(rows))]
    for row in rows:
        assert row["amount"].replace(decimal, ",") == row["price"][3:].replace(".", "")
        row["late"] = row["late"] == "true"
    total = values[6].replace(decimal, ",")
    return Read([_line(row) for row in rows], f"R$ {total}")


class Page(HTMLParser):
    """The cells of the calls, all elements, and all texts."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.rows: list[list[str]] = []
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.rows.append([])

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip("\n")


def of_html(content: bytes) -> Read:
    _, _, *rows, total, _ = Page(content).rows
    return of_rows(rows, total[-1])


_ROW = re.compile(
    r"(\d\d/\d\d/\d{4}\*?)\s+(\S+)\s+(\(\d\d\) \d+-\d{4})\s+(\d+h\d\dm\d\ds)\s+(R\$ [\d.,]+)"
)


def text_of_pdf(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def of_pdf(content: bytes) -> Read:
    text = text_of_pdf(content)
    [*_, total] = re.findall(r"Total\s+(R\$ [\d.,]+)", text)
    return of_rows([list(row) for row in _ROW.findall(text)], total)


def of_rows(rows: list[list[str]], total: str) -> Read:
    """Of the rows of a printed bill."""
    return Read([_printed(*row) for row in rows], total)


def _printed(date: str, clock: str, number: str, duration: str, price: str) -> tuple[Any, ...]:
    day = datetime.strptime(date.rstrip("*"), "%d/%m/%Y").date().isoformat()  # noqa: DTZ007
    digits = "".join(filter(str.isalnum, number))
    return digits, day, clock, duration, price, date.endswith("*")


def _line(call: dict[str, Any]) -> tuple[Any, ...]:
    names = ("destination", "start_date", "start_time", "duration", "price", "late")
    return tuple(call[name] for name in names)

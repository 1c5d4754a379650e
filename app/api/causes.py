"""Why a body cannot be read, in words that help its sender."""

import re

from app.api import csv_reader

# None of these begins as text does.
_FORMS = {
    b"\x1f\x8b": "packed by gzip twice",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
    b"\x78\x01": "packed by deflate",
    b"\x78\x5e": "packed by deflate",
    b"\x78\x9c": "packed by deflate",
    b"\x78\xda": "packed by deflate",
    b"PK\x03\x04": "a ZIP archive",
    b"\xff\xfe": "in UTF-16, not in UTF-8",
    b"\xfe\xff": "in UTF-16, not in UTF-8",
}
_CAUSES = (
    (
        re.compile(rb"--[^\r\n]+\r?\nContent-Disposition:", re.IGNORECASE),
        "is a form (multipart/form-data): with curl, use --data-binary @FILE instead of -F",
    ),
    (
        re.compile(rb"\{[^\r\n]*\}[ \t]*\{"),
        "holds JSON objects in one line: give each its own; with curl, use --data-binary, not -d",
    ),
    (
        re.compile(rb"[A-Za-z_][\w.-]*=[^\r\n]*\Z"),
        "is a form (application/x-www-form-urlencoded): send the record alone, as JSON or CSV",
    ),
)


def other_form(body: bytes) -> str | None:
    """Return the form of a body that is not text in UTF-8, or None."""
    return next((form for beginning, form in _FORMS.items() if body.startswith(beginning)), None)


def cause_of(text: bytes) -> str | None:
    """Return why `text` is neither JSON nor CSV with the columns of a record, if it shows."""
    for pattern, cause in _CAUSES:
        if pattern.match(text):
            return cause
    return None if text.startswith((b"{", b"[")) else csv_reader.what_is_wrong(text)

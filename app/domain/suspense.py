"""Suspense: delivered records that could not be stored, and how staff resolve them."""

import codecs
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

NOTE_LENGTH_MAX = 500

# A suspense id may be given by its first digits. Lists show a few more than must be given: among a
# million records, two that share twelve digits are unlikely.
ID_DIGITS, ID_DIGITS_MIN, SHORT_ID_DIGITS = 64, 8, 12
_SUSPENSE_ID = re.compile(rf"[0-9a-f]{{{ID_DIGITS_MIN},{ID_DIGITS}}}", re.ASCII)

# Of each record, lists show so many bytes.
BEGINNING_BYTES_MAX = 100

_LINE_BREAKS = "\r\n"
# Control characters, and lone surrogates, which no encoding can represent.
_UNFIT = {"Cc", "Cs"}


class Resolution(StrEnum):
    """How a suspended record left suspense."""

    STORED = "stored"  # The record, or its correction, was stored as a half.
    DUPLICATE = "duplicate"  # The same half was stored before.
    WRITTEN_OFF = "written-off"  # A person decided not to bill it.


def content_hash_of(received: bytes) -> bytes:
    """Return the key in suspense of bytes received, their SHA-256: the same bytes are kept once."""
    return hashlib.sha256(received).digest()


class Suspended(NamedTuple):
    """The bytes received, and why they were not stored; `errors` as in a problem's `errors`.

    `call_id` is None if none can be read. `contests`: as in `Outcome`.
    """

    received: bytes
    reason: str
    errors: Sequence[dict[str, str]]
    call_id: str | None = None
    contests: bool = False

    @property
    def content_hash(self) -> bytes:
        """The key in suspense."""
        return content_hash_of(self.received)


class SuspendedRecord(NamedTuple):
    """One row of suspense, without the bytes, which may be large.

    `first_bytes` are at most `BEGINNING_BYTES_MAX` and, if there are more, one more.
    """

    content_hash: bytes
    reason: str
    errors: list[dict[str, str]]
    call_id: str | None
    contests: bool
    times_seen: int
    received_at: datetime
    last_received_at: datetime
    resolved_at: datetime | None
    resolution: str | None
    note: str | None
    first_bytes: bytes

    @property
    def short_id(self) -> str:
        """The first digits of the suspense id."""
        return self.content_hash.hex()[:SHORT_ID_DIGITS]

    @property
    def beginning(self) -> str:
        """The first bytes as one line of text, which harms no terminal and no page.

        What is not UTF-8, cannot be printed or changes how text is laid out is escaped as in
        Python: `\\xff`, `\\n`, `\\u202e`. An ellipsis ends it where the record has more bytes.
        """
        is_cut = len(self.first_bytes) > BEGINNING_BYTES_MAX
        decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        # If the cut is in the middle of a character, that character is left out.
        text = decoder.decode(self.first_bytes[:BEGINNING_BYTES_MAX], final=not is_cut)
        shown = (
            sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
        )
        return "".join(shown) + ("…" if is_cut else "")

    @property
    def state(self) -> str:
        """`open` or `resolved`."""
        return "open" if self.resolved_at is None else "resolved"


class SuspensePage(NamedTuple):
    """Where a page of suspense begins: after the last record of the previous page."""

    since: datetime
    content_hash: bytes


def read_suspense_id(value: object) -> str:
    """Read the id of a suspended record, or at least its first digits. Raises ValueError."""
    if isinstance(value, str) and _SUSPENSE_ID.fullmatch(value):
        return value
    raise ValueError(
        f"must be a suspense_id of {ID_DIGITS} hexadecimal digits,"
        f" or at least the first {ID_DIGITS_MIN}"
    )


def is_short_id(text: str) -> bool:
    """Return whether `text` can be the first digits of a suspense id, and not all of it."""
    return len(text) < ID_DIGITS and _SUSPENSE_ID.fullmatch(text) is not None


def read_note(value: object) -> str:
    """Read the note on a write-off: 1 to 500 characters without control characters.

    Line breaks are allowed, and outer white space is trimmed. Raises ValueError.
    """
    text = value.strip() if isinstance(value, str) else ""
    if not 0 < len(text) <= NOTE_LENGTH_MAX:
        raise ValueError(f"must be text of 1 to {NOTE_LENGTH_MAX} characters")
    if any(unicodedata.category(sign) in _UNFIT for sign in text if sign not in _LINE_BREAKS):
        raise ValueError("must not hold control characters other than line breaks")
    return text

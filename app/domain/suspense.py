"""What staff say of a suspended record: how it was resolved, and the note on a write-off."""

import unicodedata
from enum import StrEnum

NOTE_LENGTH_MAX = 500
_LINE_BREAKS = "\r\n"
# Control characters, and halves of surrogate pairs, which no encoding can write.
_UNFIT = {"Cc", "Cs"}


class Resolution(StrEnum):
    """How a suspended record left suspense."""

    STORED = "stored"  # It, or its correction, was stored as a call's half.
    DUPLICATE = "duplicate"  # The same was stored as a call's half before.
    WRITTEN_OFF = "written-off"  # It will not be billed, says a person.


def read_note(value: object) -> str:
    """Read the note on a write-off: 1 to 500 characters without control characters.

    Line breaks are no such characters, and outer white space is trimmed. Raises ValueError.
    """
    text = value.strip() if isinstance(value, str) else ""
    if not 0 < len(text) <= NOTE_LENGTH_MAX:
        raise ValueError(f"must be text of 1 to {NOTE_LENGTH_MAX} characters")
    if any(unicodedata.category(sign) in _UNFIT for sign in text if sign not in _LINE_BREAKS):
        raise ValueError("must not hold control characters other than line breaks")
    return text

"""The fast lane: reads the canonical form of a record, and declines everything else.

Canonical is what a well-made sender writes: an object of nothing but the fields of a record, all of
them text in printable ASCII without escapes. Whatever it reads, the forgiving lane reads the same,
and what it declines is for the forgiving lane to normalise or explain (a property test holds both).
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from app.api.json_reader import RECORD_BYTES_MAX
from app.domain.call_record import CallRecord, EndRecord, StartRecord, read_instant
from app.domain.subscriber import is_telephone_number

_ID_LENGTHS = range(1, 129)
# Without the dividing signs of 2016-02-29T12:00:00Z, nothing but its digits is left to be wrong.
_DIVIDING_SIGNS = "--T::Z"


class _Start(msgspec.Struct, tag_field="type", tag="start", forbid_unknown_fields=True, gc=False):
    id: str
    timestamp: str
    call_id: str
    source: str
    destination: str


class _End(msgspec.Struct, tag_field="type", tag="end", forbid_unknown_fields=True, gc=False):
    id: str
    timestamp: str
    call_id: str


_RECORD = msgspec.json.Decoder(_Start | _End)
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_FIELDS_OF_START, _FIELDS_OF_END = 6, 4


def split_array(array: bytes, most: int) -> list[bytes] | None:
    """Give the texts of the elements of a JSON array; None if it is none, or has far too many."""
    if array.count(b",") > most * _FIELDS_OF_START:
        return None
    try:
        return [bytes(element) for element in _ARRAY.decode(array)]
    except (msgspec.DecodeError, RecursionError):
        return None


def read_canonical(text: bytes, billing_zone: ZoneInfo, received_at: datetime) -> CallRecord | None:
    """Give the record that `text` is, or None if it is not in canonical form."""
    if len(text) > RECORD_BYTES_MAX or not text.isascii() or b"\\" in text or b"\x7f" in text:
        return None
    try:
        said = _RECORD.decode(text)
        # Of two equal keys the decoder silently takes the last. Each field, key and text, has four
        # quotes, so that one too many shows.
        fields = _FIELDS_OF_END if isinstance(said, _End) else _FIELDS_OF_START
        if text.count(b'"') != 4 * fields or not (_is_id(said.id) and _is_id(said.call_id)):
            return None
        instant = _read_instant(said.timestamp, billing_zone)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
    if isinstance(said, _End):
        return EndRecord(said.call_id, said.id, instant, received_at)
    if not (is_telephone_number(said.source) and is_telephone_number(said.destination)):
        return None
    return StartRecord(said.call_id, said.id, instant, said.source, said.destination, received_at)


def _is_id(text: str) -> bool:
    return len(text) in _ID_LENGTHS and text[0] != " " and text[-1] != " "


def _read_instant(text: str, billing_zone: ZoneInfo) -> datetime:
    if text[4::3] == _DIVIDING_SIGNS and text[:4] >= "1970" and text[11:13] < "24":
        return datetime.fromisoformat(text)
    return read_instant(text, billing_zone)

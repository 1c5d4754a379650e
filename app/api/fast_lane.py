"""The fast lane: reads the canonical form of a record, and declines everything else.

Canonical is an object with the fields of a record and no others, all of them text in printable
ASCII without escapes. The forgiving lane reads each canonical record as the same value, and
normalises or refuses what this lane declines (a property test checks both).
"""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from app.domain.call_record import CallRecord, EndRecord, StartRecord, read_instant
from app.domain.subscriber import is_telephone_number
from app.limits.sizes import RECORD_BYTES_MAX

_ID_LENGTHS = range(1, 129)
# The separators of 2016-02-29T12:00:00Z; where they are right, only the digits can be wrong.
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
_RECORDS = msgspec.json.Decoder(list[_Start | _End])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_FIELDS = {_Start: 6, _End: 4}


def split_array(array: bytes, most: int) -> list[bytes] | None:
    """Return the texts of a JSON array's elements, or None if it is not one or far too long."""
    if array.count(b",") > most * _FIELDS[_Start]:
        return None
    try:
        return [bytes(element) for element in _ARRAY.decode(array)]
    except (msgspec.DecodeError, RecursionError):
        return None


def read_canonical(text: bytes, billing_zone: ZoneInfo, received_at: datetime) -> CallRecord | None:
    """Return the record in `text`, or None if it is not in canonical form."""
    if len(text) > RECORD_BYTES_MAX:
        return None
    records = _read(text, lambda: [_RECORD.decode(text)], billing_zone, received_at)
    return records[0] if records else None


def read_canonical_array(
    array: bytes, elements: list[bytes], billing_zone: ZoneInfo, received_at: datetime
) -> list[CallRecord] | None:
    """Return the records of an `array` with these `elements`, or None unless all are canonical.

    The result is that of `read_canonical` for each element, at half the cost.
    """
    if max(map(len, elements), default=0) > RECORD_BYTES_MAX:
        return None
    return _read(array, lambda: _RECORDS.decode(array), billing_zone, received_at)


def _read(
    text: bytes,
    decode: Callable[[], list[_Start | _End]],
    billing_zone: ZoneInfo,
    received_at: datetime,
) -> list[CallRecord] | None:
    if not text.isascii() or b"\\" in text or b"\x7f" in text:
        return None
    try:
        fields = decode()
        # The decoder takes the last of two equal keys. Each field has four quotes, two around its
        # name and two around its text, so a repeated key shows as quotes too many.
        if text.count(b'"') != 4 * sum(_FIELDS[type(each)] for each in fields):
            return None
        return [_record_of(each, billing_zone, received_at) for each in fields]
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None


def _record_of(fields: _Start | _End, billing_zone: ZoneInfo, received_at: datetime) -> CallRecord:
    if not (_is_id(fields.id) and _is_id(fields.call_id)):
        raise ValueError
    instant = _read_instant(fields.timestamp, billing_zone)
    if isinstance(fields, _End):
        return EndRecord(fields.call_id, fields.id, instant, received_at)
    if not (is_telephone_number(fields.source) and is_telephone_number(fields.destination)):
        raise ValueError
    return StartRecord(
        fields.call_id, fields.id, instant, fields.source, fields.destination, received_at
    )


def _is_id(text: str) -> bool:
    return len(text) in _ID_LENGTHS and text[0] != " " and text[-1] != " "


def _read_instant(text: str, billing_zone: ZoneInfo) -> datetime:
    if text[4::3] == _DIVIDING_SIGNS and text[:4] > "1970" and text[11:13] < "24":
        return datetime.fromisoformat(text)
    return read_instant(text, billing_zone)

"""The forgiving lane: reads any JSON object as a record, or says why it is none.

An array is cut at its commas without regard to what its elements are, and each element is then
decoded on its own, so that one that is no JSON spoils only itself.
"""

import re
from datetime import datetime
from itertools import accumulate
from typing import Any

from app.api.schemas import CallRecordReader, InvalidRecord
from app.domain.call import Reason
from app.domain.strict_json import DECODER, Repeating
from app.limits.sizes import RECORD_BYTES_MAX
from app.services.ingestion import Delivery

_NESTING_MAX = 32
_ERRORS_MAX = 10
# Cutting an array takes a step for each of its signs: far more than records can have are refused.
_SIGNS_MAX = 3_000_000

_WHITE_SPACE = b" \t\r\n"
# A whole string, closed or not, brackets that open, or one sign that closes or divides; possessive,
# so that no text takes long.
_SIGNS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]++|[\]},]', re.DOTALL)


class Unreadable(Exception):
    """A text that is no JSON object, or one beyond the limits; the message says which."""


def split_array(array: bytes, most: int) -> list[bytes] | None:
    """Cut the text of an array at its commas; None if it is not one whole array.

    An array of more than `most` elements is cut no further than the next one.
    """
    if sum(array.count(sign) for sign in (b"[", b"]", b"{", b"}", b",", b'"')) > _SIGNS_MAX:
        return None
    elements: list[bytes] = []
    begin, depth = 1, 0
    for sign in _SIGNS.finditer(array, 1):
        depth += _deepening(sign[0])
        if (sign[0] == b"," and depth == 0) or depth < 0:
            elements.append(array[begin : sign.start()].strip(_WHITE_SPACE))
            begin = sign.end()
            if len(elements) > most:
                return elements
            if depth < 0:
                break
    rest = array[begin:].strip(_WHITE_SPACE)
    is_whole = begin > 1 and array[begin - 1 : begin] == b"]" and not rest
    if is_whole and elements == [b""]:
        return []
    return elements if is_whole and all(elements) else None


def read_object(received: bytes, reader: CallRecordReader, received_at: datetime) -> Delivery:
    """Read one JSON object as a record."""
    try:
        return Delivery(received, reader.read(decode_object(received), received_at))
    except Unreadable as refusal:
        return unreadable(received, str(refusal))
    except InvalidRecord as refusal:
        return Delivery(received, None, Reason.INVALID_RECORD, refusal.errors)


def unreadable(received: bytes, detail: str) -> Delivery:
    """Give the delivery of bytes in which no record can be read."""
    return Delivery(received, None, Reason.UNREADABLE_BODY, [{"pointer": "", "detail": detail}])


def is_object(text: bytes) -> bool:
    """Say whether `text` is one JSON object."""
    try:
        decode_object(text)
    except Unreadable:
        return False
    except InvalidRecord:
        return True
    return True


def decode_object(text: bytes) -> dict[str, Any]:
    """Give the members of one JSON object.

    Raises Unreadable, and InvalidRecord for one in which a key stands more than once.
    """
    if len(text) > RECORD_BYTES_MAX:
        raise Unreadable("one record may have 64 KiB")
    if _nests_too_deep(text):
        raise Unreadable(f"nests more than {_NESTING_MAX} deep")
    try:
        value = DECODER.decode(text.decode("utf-8"))
    except UnicodeError:
        raise Unreadable("is not UTF-8") from None
    except (ValueError, RecursionError):
        raise Unreadable("is not JSON") from None
    if not isinstance(value, dict):
        raise Unreadable("is no JSON object")
    if isinstance(value, Repeating):
        raise InvalidRecord(
            [
                {
                    "pointer": f"/{key}" if key.isascii() and key.isidentifier() else "",
                    "detail": "stands more than once",
                }
                for key in value.repeated[:_ERRORS_MAX]
            ]
        )
    return value


def _nests_too_deep(text: bytes) -> bool:
    if text.count(b"{") + text.count(b"[") <= _NESTING_MAX:
        return False
    depths = accumulate(_deepening(sign[0]) for sign in _SIGNS.finditer(text))
    return any(depth > _NESTING_MAX for depth in depths)


def _deepening(sign: bytes) -> int:
    if sign[0] in b"[{":
        return len(sign)
    return -1 if sign[0] in b"]}" else 0

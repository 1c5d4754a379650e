"""The forgiving lane: reads any JSON object as a record, or says why it cannot.

An array is cut at its commas, whatever its elements are, and each element is then decoded on its
own: an element that is not JSON spoils only itself.
"""

from datetime import datetime

from app.domain.call import Reason
from app.domain.delivery import Delivery
from app.domain.strict_json import SIGNS, Unreadable, decode_object, deepening
from app.schemas.call_records import CallRecordReader, InvalidRecord

# Cutting an array takes a step for each sign; an array with far more than records need is refused.
_SIGNS_MAX = 3_000_000
_WHITE_SPACE = b" \t\r\n"


def split_array(array: bytes, most: int) -> list[bytes] | None:
    """Cut the text of an array at its commas; return None if it is not one whole array.

    An array of more than `most` elements is cut no further than the next one.
    """
    if sum(array.count(sign) for sign in (b"[", b"]", b"{", b"}", b",", b'"')) > _SIGNS_MAX:
        return None
    elements: list[bytes] = []
    begin, depth = 1, 0
    for sign in SIGNS.finditer(array, 1):
        depth += deepening(sign[0])
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
        return Delivery(received, None, refusal.reason, refusal.errors, refusal.call_id)


def unreadable(received: bytes, detail: str) -> Delivery:
    """Return the delivery of bytes in which no record can be read."""
    return Delivery(received, None, Reason.UNREADABLE_BODY, [{"pointer": "", "detail": detail}])


def is_object(text: bytes) -> bool:
    """Return whether `text` is one JSON object."""
    try:
        decode_object(text)
    except Unreadable:
        return False
    return True

"""From the bytes of a body to deliveries: each record read, or with a reason why it cannot be.

A record that cannot be read spoils only itself. So an array is cut at its commas first, without
regard to what its elements are, and each element is then decoded on its own.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple, NoReturn

from app.api.schemas import CallRecordReader, InvalidRecord
from app.domain.call import Reason
from app.domain.errors import BodyTooLarge
from app.services.ingestion import Delivery

RECORDS_MAX = 10_000
BODY_BYTES_MAX = 16 * 1024 * 1024
_RECORD_BYTES_MAX = 64 * 1024
_NESTING_MAX = 32

_WHITE_SPACE = " \t\n\r"
# A whole string, closed or not, or a sign that divides; possessive, so that no text takes long.
_SIGNS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)


class Unreadable(Exception):
    """A text that is no JSON object, or one beyond the limits; the message says which."""


class Body(NamedTuple):
    """What a request carries: whether it is many records or one, and the records."""

    is_many: bool
    deliveries: list[Delivery]


def read_body(body: bytes, reader: CallRecordReader, received_at: datetime) -> Body:
    """Read a JSON array as many records and all else as one. Raises BodyTooLarge.

    An array that is not whole is one delivery that cannot be read: its bytes are kept together.
    """
    if len(body) > BODY_BYTES_MAX:
        raise _too_large("is larger")
    # JSON is UTF-8; a byte that is not spoils the element it stands in.
    text = body.decode("utf-8", "surrogateescape").removeprefix("\ufeff").strip(_WHITE_SPACE)
    if text.startswith("["):
        elements = _elements(text)
        if elements is not None:
            return Body(
                is_many=True,
                deliveries=[_read_text(each, reader, received_at) for each in elements],
            )
    if len(body) > _RECORD_BYTES_MAX:
        delivery = _unreadable(body, "one record may have 64 KiB, and this is no whole JSON array")
    else:
        delivery = _read_text(text, reader, received_at)._replace(received=body)
    return Body(is_many=False, deliveries=[delivery])


def cut_off_body(body: bytes) -> Body:
    """Give a body that ended before its declared length: one delivery that cannot be read."""
    return Body(is_many=False, deliveries=[_unreadable(body, "is shorter than its Content-Length")])


def _too_large(how: str) -> BodyTooLarge:
    return BodyTooLarge(
        f"A request carries at most {RECORDS_MAX:,} records and"
        f" {BODY_BYTES_MAX // 1024**2} MiB unpacked; this one {how}."
    )


def _elements(array: str) -> list[str] | None:
    """Cut the text of an array at its commas; None if it is not one whole array."""
    elements: list[str] = []
    begin, depth = 1, 0
    for sign in _SIGNS.finditer(array, 1):
        if sign[0] in "[{":
            depth += 1
        elif sign[0] in "]}" and depth:
            depth -= 1
        elif sign[0] in ",]}" and not depth:
            elements.append(array[begin : sign.start()].strip(_WHITE_SPACE))
            begin = sign.end()
            if len(elements) > RECORDS_MAX:
                raise _too_large("has more records")
            if sign[0] != ",":
                break
    is_whole = begin == len(array) and array.endswith("]")
    if is_whole and elements == [""]:
        return []
    return elements if is_whole and all(elements) else None


def _read_text(text: str, reader: CallRecordReader, received_at: datetime) -> Delivery:
    received = text.encode("utf-8", "surrogateescape")
    try:
        return Delivery(received, reader.read(_decode(text, len(received)), received_at))
    except Unreadable as refusal:
        return _unreadable(received, str(refusal))
    except InvalidRecord as refusal:
        return Delivery(received, None, Reason.INVALID_RECORD, refusal.errors)


def _decode(text: str, size: int) -> dict[str, Any]:
    if size > _RECORD_BYTES_MAX:
        raise Unreadable("one record may have 64 KiB")
    if _nesting(text) > _NESTING_MAX:
        raise Unreadable(f"nests more than {_NESTING_MAX} deep")
    try:
        text.encode("utf-8")
        value = _DECODER.decode(text)
    except UnicodeError:
        raise Unreadable("is not UTF-8") from None
    except (ValueError, RecursionError):
        raise Unreadable("is not JSON") from None
    if not isinstance(value, dict):
        raise Unreadable("is no JSON object")
    if isinstance(value, _Repeating):
        raise InvalidRecord(
            [
                {
                    "pointer": f"/{key}" if key.isascii() and key.isidentifier() else "",
                    "detail": "stands more than once",
                }
                for key in value.repeated
            ]
        )
    return value


def _unreadable(received: bytes, detail: str) -> Delivery:
    return Delivery(received, None, Reason.UNREADABLE_BODY, [{"pointer": "", "detail": detail}])


def _nesting(text: str) -> int:
    if text.count("{") + text.count("[") <= _NESTING_MAX:
        return 0  # Not worth counting.
    return max(_depths(text), default=0)


def _depths(text: str) -> Iterator[int]:
    depth = 0
    for sign in _SIGNS.finditer(text):
        depth += (sign[0] in "[{") - (sign[0] in "]}")
        yield depth


class _Repeating(dict[str, Any]):
    """An object in which a key stands more than once: the last one would silently win."""

    def __init__(self, members: list[tuple[str, Any]]) -> None:
        super().__init__(members)
        times = Counter(key for key, _ in members)
        self.repeated = [key for key in times if times[key] > 1]


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(members)
    return made if len(made) == len(members) else _Repeating(members)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant)

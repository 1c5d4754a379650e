"""The one strict reader of JSON: what the standard allows, and no repeated key goes unseen."""

import json
import re
from collections import Counter
from itertools import accumulate
from typing import Any, NoReturn

from app.limits.sizes import RECORD_BYTES_MAX

_NESTING_MAX = 32
_ERRORS_MAX = 10
# A whole string, closed or not, one or more opening brackets, or one sign that closes or divides.
# Possessive, so that no text takes long.
SIGNS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]++|[\]},]', re.DOTALL)


class Unreadable(Exception):
    """A text that is not JSON, or exceeds a limit; the message continues "The body ..."."""


class Repeating(dict[str, Any]):
    """An object with repeated keys; without this class, the last one would win silently."""

    def __init__(self, members: list[tuple[str, Any]]) -> None:
        super().__init__(members)
        times = Counter(key for key, _ in members)
        self.repeated = [key for key in times if times[key] > 1]

    @property
    def errors(self) -> list[dict[str, str]]:
        """The repeated keys as in a problem's `errors`, at most ten."""
        return [
            {
                "pointer": f"/{key}" if key.isascii() and key.isidentifier() else "",
                "detail": "appears more than once",
            }
            for key in self.repeated[:_ERRORS_MAX]
        ]


def decode(text: bytes) -> object:
    """Return the value of `text`, JSON in UTF-8 of at most 64 KiB, nested at most 32 deep.

    Objects with repeated keys are `Repeating`. Raises Unreadable.
    """
    if len(text) > RECORD_BYTES_MAX:
        raise Unreadable("is larger than 64 KiB, the limit of a record")
    if _nests_too_deep(text):
        raise Unreadable(f"nests more than {_NESTING_MAX} deep")
    try:
        value: object = _DECODER.decode(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not UTF-8 from byte {error.start + 1} on") from None
    except (ValueError, RecursionError):
        raise Unreadable("is not JSON") from None
    return value


def first_byte_not_utf_8(text: bytes) -> int | None:
    """Return where `text` stops being UTF-8, counted from 0, or None if all of it is."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


def decode_object(text: bytes) -> dict[str, Any]:
    """Return the members of one JSON object, as `decode` does. Raises Unreadable."""
    value = decode(text)
    if not isinstance(value, dict):
        raise Unreadable("is not a JSON object")
    return value


def deepening(sign: bytes) -> int:
    """Return by how many levels a match of `SIGNS` nests deeper."""
    if sign[0] in b"[{":
        return len(sign)
    return -1 if sign[0] in b"]}" else 0


def _nests_too_deep(text: bytes) -> bool:
    if text.count(b"{") + text.count(b"[") <= _NESTING_MAX:
        return False
    depths = accumulate(deepening(sign[0]) for sign in SIGNS.finditer(text))
    return any(depth > _NESTING_MAX for depth in depths)


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(members)
    return made if len(made) == len(members) else Repeating(members)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant)

"""Pages of a list: each says, by an opaque cursor, where the next one begins."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from app.api.requests import parameter
from app.domain.errors import InvalidParameter

_PAGE_DEFAULT, _PAGE_MAX = 100, 1000

T = TypeVar("T")


def page_limit() -> int:
    """Give how many items a page may have: the parameter `limit`."""
    text = parameter("limit") or str(_PAGE_DEFAULT)
    if not re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) or not 1 <= int(text) <= _PAGE_MAX:
        raise InvalidParameter(f"The parameter limit is a whole number from 1 to {_PAGE_MAX}.")
    return int(text)


def page_of(
    name: str,
    items: Sequence[T],
    item_json: Callable[[T], dict[str, Any]],
    limit: int,
    position_of: Callable[[T], Sequence[str]],
) -> dict[str, Any]:
    """Give a page under `name`, and the cursor of the next one unless this is the last.

    `position_of` gives the texts by which an item is found again; `read_cursor` reads them.
    """
    next_cursor = None
    if len(items) == limit:
        position = json.dumps(list(position_of(items[-1])))
        next_cursor = base64.urlsafe_b64encode(position.encode()).decode()
    return {name: [item_json(item) for item in items], "next_cursor": next_cursor}


def read_cursor(*readers: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """Read the position in the parameter `cursor`, each text by its reader; None if not given.

    A reader raises ValueError for a text that cannot be one. Raises InvalidParameter.
    """
    text = parameter("cursor")
    if text is None:
        return None
    try:
        position = json.loads(base64.b64decode(text, altchars=b"-_", validate=True))
        return tuple(read(each) for read, each in zip(readers, position, strict=True))
    except (binascii.Error, OverflowError, TypeError, ValueError, RecursionError):
        raise InvalidParameter("The parameter cursor is not one that this service gave.") from None


def read_position_instant(text: str) -> datetime:
    """Read an instant of a position, as `isoformat` wrote it. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant has an offset")
    return instant.astimezone(UTC)

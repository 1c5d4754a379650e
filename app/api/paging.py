"""Pages of a list; an opaque cursor is the position of the next one."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from app.api.parameters import Parameter

T = TypeVar("T")


def cursor(*readers: Callable[[str], Any], first: tuple[Any, ...]) -> Parameter:
    """Return the parameter `cursor` of a list; `first` is the position of the first page.

    A position has a text for each of `readers`, which raise ValueError for an impossible one.
    """

    def read(text: str) -> tuple[Any, ...]:
        try:
            position = json.loads(base64.b64decode(text, altchars=b"-_", validate=True))
            return tuple(read(each) for read, each in zip(readers, position, strict=True))
        except (binascii.Error, OverflowError, TypeError, ValueError, RecursionError):
            raise ValueError("is not one that this service issued") from None

    description = "The `next_cursor` of the previous page, which is `null` on the last one."
    return Parameter({"type": "string"}, description, read=read, load_default=first)


def page_of(
    name: str, items: Sequence[T], limit: int, position_of: Callable[[T], Sequence[str]]
) -> dict[str, Any]:
    """Return a page with `items` under `name`, and the cursor of the next page or None.

    `position_of` returns the texts by which an item is found again; `cursor` reads them.
    """
    next_cursor = None
    if len(items) == limit:
        position = json.dumps(list(position_of(items[-1])))
        next_cursor = base64.urlsafe_b64encode(position.encode()).decode()
    return {name: items, "next_cursor": next_cursor}


def read_position_instant(text: str) -> datetime:
    """Read an instant of a position, as `isoformat` wrote it. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant has an offset")
    return instant.astimezone(UTC)

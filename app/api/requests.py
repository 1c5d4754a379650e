"""What every request has: an id, the service's pricing, and parameters that are read one way."""

import base64
import binascii
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import cast

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import BaseConverter

from app.domain.errors import InvalidParameter
from app.services.pricing import Pricing

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_AGE = re.compile(r"([0-9]{1,5})([smhd])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_PAGE_DEFAULT, _PAGE_MAX = 100, 1000


class CallIdConverter(BaseConverter):
    """The rest of a path as one call_id, which may hold slashes, at its ends too."""

    regex = ".+"
    part_isolating = False


def register_request_ids(app: Flask) -> None:
    """Take `X-Request-ID`, if sane, or make one; and return it."""

    @app.before_request
    def take_request_id() -> None:
        offered = request.headers.get("X-Request-ID", "")
        g.request_id = offered if _SANE_ID.fullmatch(offered) else uuid.uuid4().hex

    @app.after_request
    def return_request_id(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.request_id
        return response


def pricing() -> Pricing:
    """Give the pricing of the service that answers this request."""
    return cast(Pricing, current_app.extensions["pulso"])


def received_body() -> bytes:
    """Give the bytes of the body. Raises BadRequest for one that is not framed as HTTP says.

    Nothing may look for a form before: that would leave the body empty.
    """
    try:
        return request.get_data(cache=False)
    except HTTPException:
        raise
    except Exception as error:
        # The server reads chunks only now, and has errors of its own for what is no chunk.
        raise BadRequest from error


def parameter(name: str) -> str | None:
    """Give the query parameter `name`; raise InvalidParameter if it is given twice."""
    values = request.args.getlist(name)
    if len(values) > 1:
        raise InvalidParameter(f"The parameter {name} is given more than once.")
    return values[0] if values else None


def choice(name: str, choices: tuple[str, ...]) -> str:
    """Give the query parameter `name`, one of `choices`, the first if it is not given."""
    value = parameter(name) or choices[0]
    if value not in choices:
        raise InvalidParameter(f"The parameter {name} is one of: {', '.join(choices)}.")
    return value


def age(name: str) -> timedelta:
    """Give the query parameter `name`, a length such as `30m` or `7d`; zero if not given."""
    match = _AGE.fullmatch(parameter(name) or "0s")
    if match is None:
        raise InvalidParameter(
            f"The parameter {name} is a length of time such as 90s, 30m, 24h or 7d."
        )
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def page_limit() -> int:
    """Give how many items a page may have: the parameter `limit`."""
    text = parameter("limit") or str(_PAGE_DEFAULT)
    if not re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) or not 1 <= int(text) <= _PAGE_MAX:
        raise InvalidParameter(f"The parameter limit is a whole number from 1 to {_PAGE_MAX}.")
    return int(text)


def cursor_text(since: datetime, key: bytes) -> str:
    """Give the opaque cursor of the page behind the item at `since` with `key`."""
    plain = f"{since.astimezone(UTC).isoformat()} ".encode() + key
    return base64.urlsafe_b64encode(plain).decode()


def read_cursor() -> tuple[datetime, bytes] | None:
    """Read the parameter `cursor` as `cursor_text` wrote it; None for the first page."""
    text = parameter("cursor")
    if text is None:
        return None
    try:
        since, _, key = base64.b64decode(text, altchars=b"-_", validate=True).partition(b" ")
        instant = datetime.fromisoformat(since.decode("ascii")).replace(tzinfo=UTC)
    except (binascii.Error, ValueError):
        raise InvalidParameter("The parameter cursor is not one that this service gave.") from None
    return instant, key

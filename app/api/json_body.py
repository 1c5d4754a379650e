"""The body of what staff send: one JSON object, whose fields are read by the domain."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import request

from app.api.json_reader import Unreadable, decode_object
from app.api.requests import received_body
from app.api.schemas import InvalidRecord
from app.domain.errors import BillingError, BodyTooLarge, InvalidRequest
from app.limits.sizes import RECORD_BYTES_MAX

T = TypeVar("T")


def json_body() -> dict[str, Any]:
    """Give the members of the body. Raises BillingError for what is no JSON object.

    Raises InvalidRequest for one in which a key stands twice, and BodyTooLarge.
    """
    received = received_body()
    if len(received) > RECORD_BYTES_MAX:
        raise BodyTooLarge("The body of this request may have 64 KiB.")
    if len(received) < (request.content_length or 0):
        raise BillingError("The body is shorter than its Content-Length.")
    try:
        return decode_object(received)
    except Unreadable as refusal:
        raise BillingError(f"The body {refusal}.") from None
    except InvalidRecord as refusal:
        raise _invalid(refusal.errors) from None


def field(body: dict[str, Any], name: str, read: Callable[[object], T]) -> T:
    """Give the field `name` as `read`, which raises ValueError, reads it. Raises InvalidRequest."""
    if name not in body:
        raise _invalid([{"pointer": f"/{name}", "detail": "is missing"}])
    try:
        return read(body[name])
    except ValueError as error:
        raise _invalid([{"pointer": f"/{name}", "detail": str(error)}]) from None


def _invalid(errors: list[dict[str, str]]) -> InvalidRequest:
    return InvalidRequest("The body has a field that cannot be used.", errors=errors)

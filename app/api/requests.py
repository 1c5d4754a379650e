"""What routes ask of a request: the service's pricing, the body, parameters read one way."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import cast

from flask import Response, abort, current_app, g, request
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import BaseConverter

from app.domain.errors import InvalidParameter
from app.domain.key import Key
from app.limits.deadline import Deadline
from app.services.pricing import Pricing

_AGE = re.compile(r"([0-9]{1,5})([smhd])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

UNAUTHENTICATED = "unauthenticated"


class CallIdConverter(BaseConverter):
    """The rest of a path as one call_id, which may hold slashes, at its ends too."""

    regex = ".+"
    part_isolating = False


def actor() -> str:
    """Give who it is that asks, as the audit log writes it: a key, if keys are required."""
    key: Key | None = g.get("key")
    return UNAUTHENTICATED if key is None else f"key:{key.key_id}"


def pricing() -> Pricing:
    """Give the pricing of the service that answers this request."""
    return cast(Pricing, current_app.extensions["pulso"])


def deadline() -> Deadline:
    """Return when waiting for this request's answer is given up.

    Pulso's own server sets it when the last byte of the request arrives, so that the wait for a
    thread counts. Under another server it starts when a route first asks for it.
    """
    if "deadline" not in g:
        g.deadline = request.environ.get("pulso.deadline") or Deadline.start()
    return cast(Deadline, g.deadline)


def received_body() -> bytes:
    """Give the bytes of the body. Raises BadRequest for one that is not framed as HTTP says.

    Nothing may look for a form before: that would leave the body empty.
    """
    try:
        body = request.get_data(cache=False)
    except HTTPException:
        raise
    except Exception as error:
        # The server reads chunks only now, and has errors of its own for what is no chunk.
        raise BadRequest from error
    g.bytes_in = len(body)  # For the log.
    return body


def with_etag(response: Response) -> Response:
    """Give `response` with an ETag, or without its body if the client has it. Aborts with 412."""
    response.add_etag()
    response.make_conditional(request)
    if response.status_code == HTTPStatus.PRECONDITION_FAILED:
        abort(response.status_code)
    return response


def parameter(name: str) -> str | None:
    """Give the query parameter `name`; raise InvalidParameter if it is given twice or broken."""
    values = request.args.getlist(name)
    if len(values) > 1:
        raise InvalidParameter(f"The parameter {name} is given more than once.")
    if values and not values[0].isprintable():
        raise InvalidParameter(f"The parameter {name} has characters that cannot be printed.")
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

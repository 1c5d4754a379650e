"""What the server answers where the application gets no request: a problem, as the service does.

The application makes it, so that it has an id, stands in the log, and is counted as any other.
"""

import io
import logging
import sys
from collections.abc import Callable, Iterable
from typing import Any

from gunicorn.http import errors

from app.limits import times

logger = logging.getLogger(__name__)

# The statuses of what a client can do wrong. Every other failure is the service's own.
_STATUSES: dict[type[Exception], int] = {
    errors.LimitRequestLine: 414,
    errors.LimitRequestHeaders: 431,
    errors.ParseException: 400,
    TimeoutError: 408,
}
# gunicorn's parser never raises them: the application tried to send such a header.
_OF_THE_SERVICE = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)
_DETAILS = {
    408: f"The request did not arrive completely within {times.RECEIVE_SECONDS_MAX} seconds.",
    431: "The headers are too many, one of them is too long, or they have more than 64 KiB.",
    500: "The service failed; the failure has been logged.",
}
_FAILURE_LENGTH_MAX = 200

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def status_of(failure: Exception) -> int:
    """Return the status of the answer to a request that ended with `failure`."""
    if isinstance(failure, _OF_THE_SERVICE):
        return 500
    return next((_STATUSES[kind] for kind in _STATUSES if isinstance(failure, kind)), 500)


def refusal(application: Application, failure: Exception, address: Any) -> bytes:
    """Return the whole answer to a request from `address` that ended with `failure`.

    A failure of the service itself is logged.
    """
    if status_of(failure) == 500:
        logger.error("a request failed below the application", exc_info=failure)
    head: list[str] = []

    def start_response(line: str, headers: list[tuple[str, str]], _: Any = None) -> None:
        # The rest of the connection cannot be read.
        fields = [*headers, ("Connection", "close")]
        head[:] = [f"HTTP/1.1 {line}", *(f"{name}: {value}" for name, value in fields)]

    environ = {
        "REQUEST_METHOD": "-",  # It is not known; the log and the metrics say `other`.
        "PATH_INFO": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": address[0] if isinstance(address, tuple) else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "pulso.refusal": _answer_to(failure),
    }
    body = b"".join(application(environ, start_response))
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def _answer_to(failure: Exception) -> tuple[int, str, str]:
    """Return the status, the code and the detail of the problem."""
    status = status_of(failure)
    cause = f"The request is not valid HTTP: {str(failure)[:_FAILURE_LENGTH_MAX]}."
    detail = _DETAILS.get(status, cause)
    if status == 500:
        return status, "internal-error", detail
    return status, "bad-request", f"{detail} Nothing was kept."

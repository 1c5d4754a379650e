"""What the server answers to a request that is not valid HTTP: a problem, as the service does.

The application makes it, so that it has an id, stands in the log, and is counted as any other.
"""

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any

from gunicorn.http import errors

_STATUS = {
    errors.LimitRequestLine: 414,
    errors.LimitRequestHeaders: 431,
    errors.UnsupportedTransferCoding: 501,
}
_DETAIL_LENGTH_MAX = 200

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def refusal(application: Application, failure: Exception, address: Any) -> bytes:
    """Return the whole answer to a request from `address` that gunicorn refused with `failure`."""
    status = next((_STATUS[kind] for kind in _STATUS if isinstance(failure, kind)), 400)
    detail = f"This request is not valid HTTP, and nothing was kept. {failure}"
    head: list[str] = []

    def start_response(line: str, headers: list[tuple[str, str]], _: Any = None) -> None:
        # The rest of the connection cannot be read.
        fields = [*headers, ("Connection", "close")]
        head[:] = [f"HTTP/1.1 {line}", *(f"{name}: {value}" for name, value in fields)]

    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": address[0] if isinstance(address, tuple) else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "pulso.refusal": (status, detail[:_DETAIL_LENGTH_MAX]),
    }
    body = b"".join(application(environ, start_response))
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body

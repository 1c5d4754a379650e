"""What every request has, whatever it is about: an id, a line in the log, and its time counted."""

import random
import re
import sys
import time
from collections.abc import Callable
from typing import Any, cast

from flask import Flask, Request, Response, current_app, g, request

from app.database.statements import sql_seconds
from app.domain.key import Key
from app.telemetry.log import Fields, write_line
from app.telemetry.metrics import Metrics

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
# An id that is made has letters alone: masked for ten digits in a row, it could not be found again.
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_OTHER = "other"


def metrics() -> Metrics:
    """Give the metrics of the service that answers this request."""
    return cast(Metrics, current_app.extensions["pulso_metrics"])


def register_observation(app: Flask) -> None:
    """Take `X-Request-ID`, if sane, or make one, and return it; tell of every request.

    One function before and one behind every request, that look at the proxies once: all the rest
    costs a single record less than they would.
    """

    @app.before_request
    def begin() -> None:
        offered = request.environ.get("HTTP_X_REQUEST_ID", "")
        if not _SANE_ID.fullmatch(offered):
            offered = random.randbytes(16).hex().translate(_LETTERS)
        kept = g._get_current_object()
        kept.request_id = offered
        kept.began = time.perf_counter(), sql_seconds()

    @app.after_request
    def end(response: Response) -> Response:
        kept = g._get_current_object()
        response.headers["X-Request-ID"] = kept.request_id
        asked: Request = request._get_current_object()  # type: ignore[attr-defined]
        tell = _teller(app, asked, kept, response.status_code)
        if response.is_streamed:
            response.call_on_close(tell)
        else:
            tell()
        return response


def _teller(app: Flask, asked: Request, kept: Any, status: int) -> Callable[[], None]:
    """Give what tells of a request when its answer is whole: a stream outlives the context."""
    counted: Metrics = app.extensions["pulso_metrics"]
    began, sql_seconds_before = kept.began
    # A path may hold a telephone number, or anything: what is told is the route. The same goes for
    # methods, of which senders may make up their own.
    method = asked.method if asked.method in _METHODS else _OTHER
    route = asked.url_rule.rule if asked.url_rule else _OTHER
    key: Key | None = kept.get("key")
    fields: Fields = {
        "request_id": kept.request_id,
        "key_id": key.key_id if key else None,
        "method": method,
        "route": route,
        "status": status,
        "bytes_in": kept.get("bytes_in", 0),
    }

    def tell() -> None:
        seconds = time.perf_counter() - began
        counted.observe_request(route, method, status, seconds)
        fields["duration_ms"] = round(seconds * 1000, 3)
        fields["sql_ms"] = round((sql_seconds() - sql_seconds_before) * 1000, 3)
        # Past `logging`, which takes several times as long as the line.
        write_line(sys.stdout, "info", __name__, "request", fields)

    return tell

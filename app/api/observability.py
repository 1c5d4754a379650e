"""What every request gets: an id, a line in the log, and its duration in the metrics."""

import random
import re
import sys
import time
from collections.abc import Callable
from typing import Any, cast

from flask import Flask, Request, Response, current_app, g, request

from app.database.statements import sql_seconds
from app.domain.key import Key
from app.limits.deadline import Deadline
from app.telemetry.log import Fields, write_line
from app.telemetry.metrics import Metrics

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
# Our ids have letters only: the log masks ten digits in a row, and such an id could not be found.
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_OTHER = "other"


def metrics() -> Metrics:
    """Return the metrics of the service that answers this request."""
    return cast(Metrics, current_app.extensions["pulso_metrics"])


def register_observation(app: Flask) -> None:
    """Take `X-Request-ID` from the request or make one, return it, and log every request.

    One function before and one after every request, which look up Flask's proxies once: more of
    them would cost a single record more than all the work here.
    """

    @app.before_request
    def begin() -> None:
        offered = request.environ.get("HTTP_X_REQUEST_ID", "")
        if not _SANE_ID.fullmatch(offered):
            offered = random.randbytes(16).hex().translate(_LETTERS)
        kept = g._get_current_object()
        kept.request_id = offered
        # Pulso's own server sets the deadline when the last byte of the request arrives, so that
        # the wait for a thread counts. Under another server it starts here.
        kept.deadline = request.environ.get("pulso.deadline") or Deadline.start()
        kept.began = time.perf_counter(), sql_seconds()

    @app.after_request
    def end(response: Response) -> Response:
        kept = g._get_current_object()
        response.headers["X-Request-ID"] = kept.request_id
        asked: Request = cast(Any, request)._get_current_object()
        log_request = _request_logger(app, asked, kept, response.status_code)
        if response.is_streamed:
            response.call_on_close(log_request)
        else:
            log_request()
        return response


def _request_logger(app: Flask, asked: Request, kept: Any, status: int) -> Callable[[], None]:
    """Return what logs a request once its answer is complete: a stream outlives the context."""
    counted: Metrics = app.extensions["pulso_metrics"]
    began, sql_seconds_before = kept.began
    # A path may hold a telephone number, or anything: the route is logged instead. The same goes
    # for methods, which a sender may invent.
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

    def log_request() -> None:
        seconds = time.perf_counter() - began
        counted.observe_request(route, method, status, seconds)
        fields["duration_ms"] = round(seconds * 1000, 3)
        fields["sql_ms"] = round((sql_seconds() - sql_seconds_before) * 1000, 3)
        if kept.get("is_cut_off"):
            fields["cut_off"] = True
        # `logging` would take several times as long as writing the line.
        write_line(sys.stdout, "info", __name__, "request", fields)

    return log_request

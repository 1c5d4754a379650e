"""Streamed answers: after a failure an answer is cut off, so that nobody takes it for the whole."""

import errno
import logging
from collections.abc import Callable, Iterable, Iterator

from flask import Response, g, request, stream_with_context

logger = logging.getLogger(__name__)


def streamed(lines: Iterable[bytes], content_type: str) -> Response:
    """Return the answer that sends `lines` as they are made.

    If making one fails, the connection is reset. An ordinary end of the connection would be the
    end of the answer for a client of HTTP/1.0, such as nginx by default.
    """
    reset: Callable[[], None] = request.environ.get("pulso.reset", lambda: None)

    def guarded() -> Iterator[bytes]:
        try:
            yield from lines
        except Exception as failure:
            logger.exception("request %s: the answer was cut off", g.request_id)
            g.is_cut_off = True
            reset()
            # The server takes this for a client that has gone, and closes the connection.
            raise ConnectionResetError(errno.ECONNRESET, "the answer was cut off") from failure

    return Response(stream_with_context(guarded()), content_type=content_type)

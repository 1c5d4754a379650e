"""Holds what a connection has received of a request until the request is complete."""

import socket
from contextlib import suppress
from tempfile import SpooledTemporaryFile

from gunicorn.http.errors import InvalidHeader, LimitRequestHeaders

from app.limits.sizes import BODY_BYTES_MAX
from app.server.framing import HEAD_BYTES_MAX, Framing

PIECE_BYTES_MAX = 64 * 1024
_MEMORY_BYTES_MAX = 256 * 1024  # Longer requests go to a temporary file.
# Chunks come with their framing. A body a little too long is received too: the application must
# see that it is, to refuse it.
_REQUEST_BYTES_MAX = BODY_BYTES_MAX + 1024 * 1024

_NO_WAIT = socket.MSG_DONTWAIT  # Whatever the timeout of the socket.
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Inbox:
    """The request that a connection is receiving; gunicorn's parser reads it like a socket."""

    def __init__(self) -> None:
        self._next_bytes = b""  # Bytes of the next request, which arrived with this one.
        self._start()

    def _start(self) -> None:
        self.is_complete = False  # Nothing more is received for this request.
        self.bytes_received = 0
        self._failure: OSError | None = None
        self._is_ended_by_client = False
        # The application reads one byte more than it takes, to see that there are too many.
        self._framing = Framing(BODY_BYTES_MAX + 1)
        self._request = SpooledTemporaryFile(_MEMORY_BYTES_MAX)  # noqa: SIM115, `close` closes it

    def receive(self, link: socket.socket) -> bool:
        """Receive what has arrived, without blocking; return whether the request is complete.

        A request that cannot be received completely counts as complete too; `recv` then raises.
        """
        if not self.is_complete:
            try:
                self.is_complete = self._receive(link)
                if self.is_complete:
                    self._request.seek(0)
            except BlockingIOError:
                return False
            except OSError as failure:  # Of the connection or of the temporary file.
                self._failure, self.is_complete = failure, True
        return self.is_complete

    def _receive(self, link: socket.socket) -> bool:
        piece = self._next_bytes or link.recv(PIECE_BYTES_MAX, _NO_WAIT)
        self._next_bytes = b""
        if not piece:
            self._is_ended_by_client = True
            return True
        surplus = self._framing.feed(piece)
        self._next_bytes = surplus or b""
        self._request.write(piece[: len(piece) - len(self._next_bytes)])
        self.bytes_received += len(piece)
        if self._framing.expects_continue and surplus is None:
            self._framing.expects_continue = False
            link.send(_CONTINUE, _NO_WAIT)
        return surplus is not None or self.bytes_received > _REQUEST_BYTES_MAX

    def starts_with(self, prefixes: tuple[bytes, ...]) -> bool:
        """Return whether the complete request, not read yet, starts with one of `prefixes`."""
        if self._failure is not None:
            return False
        start = self._request.read(max(map(len, prefixes)))
        self._request.seek(0)
        return start.startswith(prefixes)

    def recv(self, size: int) -> bytes:
        """Return the next bytes of the request, empty if the client ended it early.

        Raises OSError, InvalidHeader or LimitRequestHeaders if the rest of the request was not
        received: an empty result would let the connection be used again.
        """
        if self._failure is not None:
            raise self._failure
        piece = self._request.read(size)
        if not piece and not self._is_ended_by_client:
            if not self._framing.has_head and self.bytes_received > HEAD_BYTES_MAX:
                raise LimitRequestHeaders("the head is too long")
            if not self._framing.has_head:
                raise InvalidHeader("a line does not end with CR LF")
            raise TimeoutError("the rest of the request was not received")
        return piece

    def start_next(self) -> None:
        """Delete the request, except for the bytes of the next one."""
        self.close()
        self._start()

    @property
    def has_begun(self) -> bool:
        """Whether any byte of the request has arrived."""
        return bool(self._next_bytes or self.bytes_received)

    def close(self) -> None:
        """Delete the bytes of the request."""
        with suppress(OSError):  # A full disk, when the file is flushed.
            self._request.close()

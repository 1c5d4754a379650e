"""What a connection has taken in of its request, until that is whole."""

import socket
from contextlib import suppress
from tempfile import SpooledTemporaryFile

from gunicorn.http.errors import LimitRequestHeaders

from app.limits.sizes import BODY_BYTES_MAX
from app.server.framing import Framing

PIECE_BYTES_MAX = 64 * 1024
_MEMORY_BYTES_MAX = 256 * 1024  # Of one request; more is kept in a temporary file.
# Chunks are taken in with their framing, and some more than the application takes, for it to see.
_REQUEST_BYTES_MAX = BODY_BYTES_MAX + 1024 * 1024

_NOW = socket.MSG_DONTWAIT  # Whatever the timeout of the socket is.
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Inbox:
    """The request that a connection is taking in; gunicorn's parser reads it as if a socket."""

    def __init__(self) -> None:
        self._ahead = b""
        self._start()

    def _start(self) -> None:
        self.is_complete = False  # No more of it will be taken in.
        self.bytes_taken = 0
        self._failure: OSError | None = None
        self._has_ended = False
        self._framing = Framing(BODY_BYTES_MAX)
        self._bytes = SpooledTemporaryFile(_MEMORY_BYTES_MAX)  # noqa: SIM115, closed by close

    def take(self, link: socket.socket) -> bool:
        """Take in what is there, without waiting; give whether the request is complete."""
        if not self.is_complete:
            try:
                self.is_complete = self._take(link)
                if self.is_complete:
                    self._bytes.seek(0)
            except BlockingIOError:
                return False
            except OSError as failure:  # Of the connection, or of the temporary file.
                self._failure, self.is_complete = failure, True
        return self.is_complete

    def _take(self, link: socket.socket) -> bool:
        piece, self._ahead = self._ahead or link.recv(PIECE_BYTES_MAX, _NOW), b""
        if not piece:
            self._has_ended = True
            return True
        rest = self._framing.rest_behind(piece)
        self._ahead = rest or b""
        self._bytes.write(piece[: len(piece) - len(self._ahead)])
        self.bytes_taken += len(piece)
        if self._framing.asks_for_continue and rest is None:
            self._framing.asks_for_continue = False
            link.send(_CONTINUE, _NOW)
        return rest is not None or self.bytes_taken > _REQUEST_BYTES_MAX

    def begins(self, starts: tuple[bytes, ...]) -> bool:
        """Say whether the request, of which nothing was read yet, begins with one of `starts`."""
        if self._failure is not None:
            return False
        begun = self._bytes.read(max(map(len, starts)))
        self._bytes.seek(0)
        return begun.startswith(starts)

    def recv(self, size: int) -> bytes:
        """Give the request's next bytes; nothing where the client ended it. Raises OSError."""
        if self._failure is not None:
            raise self._failure
        piece = self._bytes.read(size)
        if not piece and not self._has_ended:
            # What was taken for an end is none. Saying so keeps the connection from being reused.
            if not self._framing.has_head:
                raise LimitRequestHeaders("the head is too long")
            raise TimeoutError("the rest of the request was not waited for")
        return piece

    def turn_to_next(self) -> None:
        """Forget the request, but not what came with it of the next one."""
        self.close()
        self._start()

    @property
    def has_begun(self) -> bool:
        """Whether there is something of the request."""
        return bool(self._ahead or self.bytes_taken)

    def close(self) -> None:
        """Forget the bytes of the request."""
        with suppress(OSError):  # A full disk, once more.
            self._bytes.close()

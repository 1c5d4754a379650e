"""Finds the end of an HTTP request in the pieces in which it arrives.

Only gunicorn's own parser decides what a request means and whether it is valid. Where the framing
is invalid or contradicts itself, the request counts as complete, so that the parser refuses it at
once: waiting for a body that never comes would end in a time-out.
"""

import re
from collections.abc import Generator

HEAD_BYTES_MAX = 64 * 1024

# They search a head in lower case.
_LENGTH = re.compile(rb"\ncontent-length:[ \t]*([0-9]{1,19})[ \t]*\r")
_CHUNKED = re.compile(rb"\ntransfer-encoding:[^\r\n]*chunked")
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")
_EXPECT_CONTINUE = re.compile(rb"\nexpect:[ \t]*100-continue")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?\r\n")


class Framing:
    """Follows one request through its pieces; holds no more of it than a head or a line."""

    def __init__(self, body_bytes_max: int) -> None:
        self.has_head = False
        self.expects_continue = False  # The client waits for `100 Continue` to send the body.
        self._unread = bytearray()
        self._parsing = self._parse(body_bytes_max)
        next(self._parsing)

    def feed(self, piece: bytes) -> bytes | None:
        """Take the next piece; return its bytes after the end of the request, None before the end.

        If Content-Length is more than `body_bytes_max`, the request ends with its head.
        """
        self._unread += piece
        try:
            next(self._parsing)
        except StopIteration:
            return bytes(self._unread)
        return None

    def _parse(self, body_bytes_max: int) -> Generator[None, None, None]:
        yield
        head = (yield from self._read_through(b"\r\n\r\n")).lower()
        if not head:
            return
        self.has_head = True
        lengths, is_chunked = _LENGTH.findall(head), bool(_CHUNKED.search(head))
        bytes_left = int(lengths[0]) if lengths else 0
        if len(lengths) + is_chunked > 1 or bytes_left > body_bytes_max:
            return
        self.expects_continue = b" http/1.1\r\n" in head and bool(_EXPECT_CONTINUE.search(head))
        yield from self._skip(bytes_left)
        if is_chunked:
            yield from self._skip_chunks()

    def _skip_chunks(self) -> Generator[None, None, None]:
        while match := _CHUNK_LINE.fullmatch((yield from self._read_through(b"\r\n"))):
            size = int(match[1], 16)
            if not size:
                break
            yield from self._skip(size + len(b"\r\n"))
        else:
            return
        while len((yield from self._read_through(b"\r\n"))) > len(b"\r\n"):
            continue  # A trailer; an empty line follows the last.

    def _skip(self, count: int) -> Generator[None, None, None]:
        while count > len(self._unread):
            count -= len(self._unread)
            self._unread.clear()
            yield
        del self._unread[:count]

    def _read_through(self, mark: bytes) -> Generator[None, None, bytes]:
        """Return the bytes through `mark`, which ends with the only kind of line break in HTTP.

        Return nothing if another line break comes first, or more than `HEAD_BYTES_MAX` bytes.
        """
        searched = 0
        while (at := self._unread.find(mark, searched)) < 0:
            is_too_long = len(self._unread) > HEAD_BYTES_MAX
            if is_too_long or _BARE_LINE_FEED.search(self._unread, searched):
                return b""
            searched = max(0, len(self._unread) - len(mark) + 1)
            yield
        passed = bytes(self._unread[: at + len(mark)])
        del self._unread[: at + len(mark)]
        return passed

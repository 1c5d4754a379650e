"""Where an HTTP request ends, told from the pieces it comes in.

It says when there is enough for gunicorn's own parser, which alone decides what a request means
and whether it is one. Whatever looks odd here counts as an end, for that parser to refuse.
"""

import re
from collections.abc import Generator

HEAD_BYTES_MAX = 64 * 1024

# Of a head in small letters.
_LENGTH = re.compile(rb"\ncontent-length:[ \t]*([0-9]{1,19})[ \t]*\r")
_CHUNKED = re.compile(rb"\ntransfer-encoding:[^\r\n]*chunked")
_EXPECTING = re.compile(rb"\nexpect:[ \t]*100-continue")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?\r\n")


class Framing:
    """Follows one request through its pieces, holding no more of it than a head or a line."""

    def __init__(self, body_bytes_max: int) -> None:
        self.has_head = False
        self.asks_for_continue = False
        self._came = bytearray()
        self._following = self._follow(body_bytes_max)
        next(self._following)

    def rest_behind(self, piece: bytes) -> bytes | None:
        """Take the next piece; give what of it lies behind the end, None if there is no end yet.

        A body that says to be longer than `body_bytes_max` bytes counts as ended where it begins.
        """
        self._came += piece
        try:
            next(self._following)
        except StopIteration:
            return bytes(self._came)
        return None

    def _follow(self, body_bytes_max: int) -> Generator[None, None, None]:
        yield
        head = (yield from self._through(b"\r\n\r\n")).lower()
        if not head:
            return
        self.has_head = True
        length = _LENGTH.search(head)
        bytes_left = int(length[1]) if length else 0
        if bytes_left > body_bytes_max:
            return
        self.asks_for_continue = b" http/1.1\r\n" in head and bool(_EXPECTING.search(head))
        yield from self._past(bytes_left)
        if _CHUNKED.search(head):
            yield from self._past_chunks()

    def _past_chunks(self) -> Generator[None, None, None]:
        while match := _CHUNK_LINE.fullmatch((yield from self._through(b"\r\n"))):
            size = int(match[1], 16)
            if not size:
                break
            yield from self._past(size + len(b"\r\n"))
        else:
            return
        while len((yield from self._through(b"\r\n"))) > len(b"\r\n"):
            continue  # A trailer. An empty line is behind the last.

    def _past(self, count: int) -> Generator[None, None, None]:
        while count > len(self._came):
            count -= len(self._came)
            self._came.clear()
            yield
        del self._came[:count]

    def _through(self, mark: bytes) -> Generator[None, None, bytes]:
        """Give all up to the end of `mark`; nothing if that does not come in time."""
        searched = 0
        while (at := self._came.find(mark, searched)) < 0:
            if len(self._came) > HEAD_BYTES_MAX:
                return b""
            searched = max(0, len(self._came) - len(mark) + 1)
            yield
        passed = bytes(self._came[: at + len(mark)])
        del self._came[: at + len(mark)]
        return passed

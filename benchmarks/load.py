"""A small HTTP client that keeps connections busy: as little work a request as Python allows."""

import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.domain.key import Credential

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Load(NamedTuple):
    """What came of a load: seconds in all and of each request, and the statuses that came back."""

    seconds: float
    latencies: list[float]
    statuses: dict[bytes, int]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: float) -> float:
        """Give the latency, in seconds, that `percent` of the requests stay under."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]


def delivery(body: bytes, key: Credential) -> bytes:
    """Give the bytes of a POST of call records in JSON."""
    head = (
        "POST /v1/call-records HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"X-API-Key: {key}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def send_all(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Send `requests` over `connections`, each as soon as one has had its last answer."""
    pending = iter(requests)
    selector = selectors.DefaultSelector()
    latencies: list[float] = []
    statuses: dict[bytes, int] = {}
    begin = time.perf_counter()
    for _ in range(connections):
        link = socket.create_connection(("127.0.0.1", port))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        exchange = _exchange(link, pending, latencies, statuses)
        if next(exchange, None) is not None:
            selector.register(link, selectors.EVENT_READ, exchange)
    while selector.get_map():
        for key, _ in selector.select():
            if next(key.data, None) is None:
                selector.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]
    return Load(time.perf_counter() - begin, latencies, statuses)


def _exchange(
    link: socket.socket,
    pending: Iterator[bytes],
    latencies: list[float],
    statuses: dict[bytes, int],
) -> Iterator[bool]:
    """Send what is pending over one connection; yield wherever there is an answer to wait for."""
    for request in pending:
        begin = time.perf_counter()
        link.sendall(request)
        answer = b""
        while True:
            yield True
            part = link.recv(1 << 20)
            if not part:
                raise ConnectionError("the server closed a connection")
            answer += part
            head, separator, body = answer.partition(b"\r\n\r\n")
            length = _LENGTH.search(head)
            if separator and length and len(body) >= int(length[1]):
                break
        latencies.append(time.perf_counter() - begin)
        status = answer[9:12]
        statuses[status] = statuses.get(status, 0) + 1

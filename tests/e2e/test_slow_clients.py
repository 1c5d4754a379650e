"""Slow clients: they hold no thread, they are closed in time, and whoever is whole is served."""

import re
import selectors
import socket
import threading
import time
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from urllib.request import urlopen

import pytest

from tests.e2e.running import running
from tests.factories import a_start, bytes_of

SLOW_CLIENTS = 200
CLOSED_SECONDS_MAX = 15
LAST_HEAD = "POST /v1/call-records HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with running(tmp_path_factory.mktemp("slow")) as started:
        yield started


def connect(service):
    link = socket.create_connection(("127.0.0.1", int(service.address.rpartition(":")[2])))
    link.settimeout(15)
    return link


def all_of(link):
    """Read until the server closes; give the bytes."""
    received = bytearray()
    try:
        while part := link.recv(1 << 20):
            received += part
    except ConnectionResetError:
        pass
    return bytes(received)


def exchange(service, *pieces, pause=0):
    """Send a request in pieces, the last one of its connection; give what comes back."""
    with connect(service) as link:
        for piece in pieces:
            link.sendall(piece)
            time.sleep(pause)
        return all_of(link)


def a_post(call_id):
    """Give the head and the body of a request that stores a start."""
    body = bytes_of(a_start(call_id))
    return f"{LAST_HEAD}Content-Length: {len(body)}\r\n\r\n".encode(), body


class SlowClients:
    """Clients of three kinds: silent ones, and ones that drip their head or body, a byte a second.

    After `connect`, `closed_after` holds for each how many seconds the server let it be.
    """

    def __init__(self, service, count):
        head, body = a_post("slow")
        self._links = [(connect(service), bytearray()) for _ in range(count)]
        self._began = time.monotonic()
        self.closed_after, self.received = [], []
        for number, (link, drops) in enumerate(self._links):
            link.settimeout(0)
            if number % 3:
                drops.extend(head + body)
            if number % 3 == 2:
                link.send(head)
                del drops[: len(head)]

    def drip(self):
        with ExitStack() as open_links, selectors.DefaultSelector() as selector:
            for link, drops in self._links:
                open_links.enter_context(link)
                selector.register(link, selectors.EVENT_READ, drops)
            second = 0
            while selector.get_map() and self._seconds() < 2 * CLOSED_SECONDS_MAX:
                for key, _ in selector.select(0.05):
                    self._hear(key.fileobj, selector)
                if self._seconds() > second:
                    second += 1
                    for key in list(selector.get_map().values()):
                        key.fileobj.send(key.data[:1])
                        del key.data[:1]

    def _hear(self, link, selector):
        try:
            self.received.append(link.recv(1000))
        except ConnectionResetError:
            self.received.append(b"")
        if not self.received[-1]:
            self.closed_after.append(self._seconds())
            selector.unregister(link)

    def _seconds(self):
        return time.monotonic() - self._began


def test_many_slow_clients_are_closed_in_time_and_keep_nobody_waiting(service):
    with closing(HTTPConnection(service.address.removeprefix("http://"))) as idle:
        idle.request("GET", "/health/live")
        idle.getresponse().read()

        slow = SlowClients(service, SLOW_CLIENTS)
        dripping = threading.Thread(target=slow.drip)
        dripping.start()
        seconds = []
        while dripping.is_alive():
            begin = time.monotonic()
            urlopen(service.address + "/health/live", timeout=30).close()
            seconds.append(time.monotonic() - begin)
            time.sleep(0.01)

        assert sorted(seconds)[len(seconds) * 99 // 100] < 1
        assert len(slow.closed_after) == SLOW_CLIENTS
        assert max(slow.closed_after) < CLOSED_SECONDS_MAX
        received = b"".join(slow.received)
        assert b"HTTP/1.1 408" in received
        assert b"application/problem+json" in received
        with pytest.raises(OSError, match="404"):
            service.ask("/v1/calls/slow")

        idle.request("GET", "/health/live")
        assert idle.getresponse().status == 200


def test_clients_that_do_not_close_keep_nobody_waiting(service):
    with ExitStack() as links:
        for _ in range(20):
            link = links.enter_context(connect(service))
            link.sendall(b"GET /health/live HTTP/1.0\r\n\r\n")
            link.recv(1000)
        begin = time.monotonic()
        for _ in range(20):
            service.ask("/health/live")
        assert time.monotonic() - begin < 1


def test_a_request_in_many_pieces_is_whole_when_it_is(service):
    head, body = a_post("pieces")

    answer = exchange(service, *(bytes([byte]) for byte in head + body), pause=0.001)

    assert answer.startswith(b"HTTP/1.1 201")
    assert service.ask("/v1/calls/pieces")["state"] == "awaiting-end"


def test_chunks_in_pieces_are_one_body(service):
    _, body = a_post("chunks")
    head = f"{LAST_HEAD}Transfer-Encoding: chunked\r\n\r\n".encode()
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:40], body[40:])]

    answer = exchange(service, head, *chunks, b"0\r\n", b"\r\n", pause=0.02)

    assert answer.startswith(b"HTTP/1.1 201")


def test_requests_sent_at_once_are_answered_in_turn(service):
    first, second = a_post("first"), a_post("second")
    keeping = first[0].replace(b"Connection: close\r\n", b"")

    answers = exchange(service, keeping + first[1] + LIVE + b"".join(second))

    statuses = re.findall(rb"HTTP/1.1 (\d+)", answers)
    assert statuses == [b"201", b"200", b"201"]
    assert re.findall(rb'"call_id": ?"([a-z]+)"', answers)[0] == b"first"


def test_a_request_begun_behind_another_is_answered_when_it_is_whole(service):
    first, second = a_post("begun"), a_post("behind")
    keeping = first[0].replace(b"Connection: close\r\n", b"")
    rest = b"".join(second)

    answers = exchange(service, keeping + first[1] + rest[:30], rest[30:], pause=0.3)

    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"201", b"201"]


def test_requests_one_behind_the_other_are_answered_each_at_once(service):
    head, body = a_post("again")
    request = head.replace(b"Connection: close\r\n", b"") + body
    with connect(service) as link:
        for pause in [0, 0.001, 0.05] * 10:
            time.sleep(pause)
            link.sendall(request)
            assert re.match(rb"HTTP/1.1 20[01] ", link.recv(100_000, socket.MSG_PEEK))
            answer = b""
            while b'"call_id":"again","state"' not in answer.replace(b" ", b""):
                answer += link.recv(100_000)


def test_a_client_that_waits_is_asked_for_the_body_once(service):
    head, body = a_post("asked")
    with connect(service) as link:
        link.sendall(head[:-2] + b"Expect: 100-continue\r\n\r\n")
        assert link.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        link.sendall(body)
        assert all_of(link).startswith(b"HTTP/1.1 201")


def test_a_body_that_is_too_large_is_not_asked_for(service):
    head = f"{LAST_HEAD}Content-Length: 20000000\r\nExpect: 100-continue\r\n\r\n"

    assert exchange(service, head.encode()).startswith(b"HTTP/1.1 413")


def test_a_body_that_is_too_large_is_answered_though_it_is_sent(service):
    head = f"{LAST_HEAD}Content-Length: 20000000\r\n\r\n"

    assert exchange(service, head.encode(), b" " * 20_000_000).startswith(b"HTTP/1.1 413")


def test_chunks_that_are_too_large_together_are_answered_so(service):
    head = f"{LAST_HEAD}Transfer-Encoding: chunked\r\n\r\n".encode()
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"

    assert exchange(service, head, 300 * chunk).startswith(b"HTTP/1.1 413")


def test_a_head_that_is_too_long_is_refused(service):
    lines = b"".join(b"A-%d: %s\r\n" % (number, b"x" * 1000) for number in range(80))

    assert exchange(service, LIVE[:-2] + lines).startswith(b"HTTP/1.1 431")


def test_the_largest_body_comes_through_whole(service):
    _, record = a_post("largest")
    body = b" " * ((16 << 20) - len(record)) + record

    answer = exchange(service, f"{LAST_HEAD}Content-Length: {len(body)}\r\n\r\n".encode(), body)

    assert answer.startswith(b"HTTP/1.1 201")

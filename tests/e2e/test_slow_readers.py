"""Clients that do not take their answers: one thread is left for everybody else."""

import socket
import time
from contextlib import ExitStack, closing, contextmanager

from tests.e2e.procfile import NOWHERE, ask, web

THREADS = 2
# Too much for the buffers between, so that a thread waits for the client.
REQUESTS = 6
LARGE = b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n"
LARGE_BYTES = 1_500_000


@contextmanager
def a_service():
    sizes = {"WEB_CONCURRENCY": "1", "WEB_THREADS": f"{THREADS}"}
    with web(NOWHERE, config="tests.e2e.hasty_config", **sizes) as (_, port):
        ask(port, "/health/live")
        yield port


def slow_reader(port):
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.connect(("127.0.0.1", port))
    link.sendall(LARGE * REQUESTS)
    link.settimeout(5)
    return closing(link)


def seconds_of_an_answer(port):
    begin = time.monotonic()
    status, _ = ask(port, "/problems/not-found")  # Health has threads of its own.
    assert status == 200
    return time.monotonic() - begin


def test_slow_readers_do_not_hold_all_threads():
    with a_service() as port, ExitStack() as links:
        for _ in range(THREADS):
            links.enter_context(slow_reader(port))
        time.sleep(0.5)

        first, second = seconds_of_an_answer(port), seconds_of_an_answer(port)

    assert 1 < first < 6, "it waited for a thread, and got one"
    assert second < 1, "of which one is left now"


def test_a_slow_reader_is_let_be_while_a_thread_is_left():
    with a_service() as port, slow_reader(port) as link:
        for _ in range(8):
            assert seconds_of_an_answer(port) < 1
            time.sleep(0.5)

        taken = 0
        while taken < REQUESTS * LARGE_BYTES:
            part = link.recv(1 << 16)
            assert part, "it was cut off"
            taken += len(part)

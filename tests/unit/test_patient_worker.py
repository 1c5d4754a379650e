"""What the worker leans on in gunicorn is there; and how it takes requests in."""

import inspect
import logging
import socket
import threading
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.workers.gthread import TConn, ThreadWorker

from app.framing import HEAD_BYTES_MAX
from app.patient_worker import Connection, Inbox, PatientWorker

HEAD = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n"


@pytest.fixture
def links():
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("name", [name for name in vars(PatientWorker) if not name.startswith("_")])
def test_what_the_worker_replaces_is_what_gunicorn_calls(name):
    theirs = inspect.signature(getattr(ThreadWorker, name)).parameters

    assert list(inspect.signature(getattr(PatientWorker, name)).parameters) == list(theirs)


def test_what_the_worker_uses_of_gunicorn_is_there():
    source = inspect.getsource(ThreadWorker)
    for name in (
        "nr_conns",
        "pending_conns",
        "keepalived_conns",
        "poller",
        "tpool",
        "method_queue",
    ):
        assert f"self.{name} = " in source
    assert "self.enqueue_req(conn)" in source
    assert "self.murder_pending()" in source
    assert {"data_ready", "parser", "timeout", "sock"} <= set(TConn.__init__.__code__.co_names)


def test_a_thread_never_reads_from_the_socket(links):
    connection = Connection(Config(), links[0], ("127.0.0.1", 1), ("127.0.0.1", 2))
    connection.init()

    assert connection.parser.unreader.sock is connection.inbox
    connection.inbox.close()


def test_what_comes_with_a_request_is_kept_for_the_next(links):
    inbox = Inbox()
    links[1].sendall(HEAD % 2 + b"ab" + HEAD % 3 + b"c")

    assert inbox.take(links[0])
    assert inbox.recv(1000) == HEAD % 2 + b"ab"
    assert inbox.turn_to_next()
    assert not inbox.take(links[0])
    links[1].sendall(b"de")
    assert inbox.take(links[0])
    assert inbox.recv(1000) == HEAD % 3 + b"cde"
    assert not inbox.turn_to_next()
    inbox.close()


def test_whether_it_asks_for_health_is_seen_without_reading_it(links):
    inbox = Inbox()
    links[1].sendall(b"GET /health/live HTTP/1.1\r\n\r\n")

    assert inbox.take(links[0])
    assert inbox.begins((b"GET /health/", b"HEAD /health/"))
    assert not inbox.begins((b"GET /health/ready",))
    assert inbox.recv(1000) == b"GET /health/live HTTP/1.1\r\n\r\n"
    inbox.close()


def test_a_request_that_the_client_ends_is_read_to_there(links):
    inbox = Inbox()
    links[1].sendall(HEAD % 9 + b"ab")
    assert not inbox.take(links[0])

    links[1].shutdown(socket.SHUT_WR)

    assert inbox.take(links[0])
    assert inbox.recv(1000) == HEAD % 9 + b"ab"
    assert inbox.recv(1000) == b""
    inbox.close()


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (HEAD % 10**9 + b"ab", TimeoutError),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * HEAD_BYTES_MAX, LimitRequestHeaders),
    ],
    ids=["body", "head"],
)
def test_what_was_not_waited_for_does_not_look_like_an_end(links, sent, error):
    inbox = Inbox()
    links[1].sendall(sent)
    while not inbox.take(links[0]):
        pass

    inbox.recv(100_000)

    with pytest.raises(error):
        inbox.recv(1000)
    inbox.close()


def test_a_request_that_cannot_be_kept_is_not_read_at_all(links, monkeypatch):
    inbox = Inbox()
    links[1].sendall(HEAD % 2 + b"ab")

    def no_space(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(inbox._bytes, "write", no_space)

    assert inbox.take(links[0])
    with pytest.raises(OSError, match="space"):
        inbox.recv(1000)
    inbox.close()


def test_a_send_is_given_up_when_nothing_is_taken(links, monkeypatch):
    monkeypatch.setattr("app.patient_worker.SEND_SECONDS_MAX", 1)
    connection = Connection(Config(), links[0], ("127.0.0.1", 1), ("127.0.0.1", 2))
    connection.init()
    # Where it is not given up, the test fails, and does not wait for ever.
    parting = threading.Timer(10, links[1].shutdown, [socket.SHUT_RDWR])
    parting.start()

    with pytest.raises(BlockingIOError):
        connection.sock.sendall(b"x" * 10_000_000)
    parting.cancel()
    connection.inbox.close()


def test_a_client_that_takes_nothing_is_parted_with(monkeypatch):
    def stuck(*_):
        raise BlockingIOError

    monkeypatch.setattr(ThreadWorker, "handle_request", stuck)
    worker = PatientWorker.__new__(PatientWorker)
    worker.log = logging.getLogger(__name__)
    worker._answered_since = {}

    connection = Connection.__new__(Connection)
    connection.whole_at, connection.is_of_health = 0.0, False
    assert worker.handle_request(SimpleNamespace(), connection) is False
    assert worker._answered_since == {}

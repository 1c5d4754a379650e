"""What the worker leans on in gunicorn is there; and which thread answers what."""

import inspect
import logging
import selectors
import socket
import threading
import time
from collections import deque
from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import TConn, ThreadWorker

from app.server.worker import Connection, PatientWorker

HEAD = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n"


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


def test_a_send_is_given_up_when_nothing_is_taken(links, monkeypatch):
    monkeypatch.setattr("app.limits.times.SEND_SECONDS_MAX", 1)
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
    worker._answered_since, worker._deadlines = {}, {}

    connection = Connection.__new__(Connection)
    connection.sock, connection.whole_at, connection.is_of_health = None, 0.0, False
    assert worker.handle_request(SimpleNamespace(), connection) is False
    assert worker._answered_since == {}


@pytest.fixture
def worker(monkeypatch):
    """A worker of 4 threads, of which one is at work; instead of answering it tells what came."""
    made = PatientWorker.__new__(PatientWorker)
    made.cfg, made.alive, made._given, made.answered = Config(), True, 1, []
    made.cfg.set("threads", 4)

    def answer(_, conn):
        conn.sock.settimeout(None)
        made.answered.append(conn.inbox.recv(1000))
        return made.answered[-1] != b""

    monkeypatch.setattr(ThreadWorker, "handle", answer)
    return made


@pytest.fixture
def connection(links):
    made = Connection(Config(), links[0], ("127.0.0.1", 1), ("127.0.0.1", 2))
    links[1].sendall(HEAD % 2 + b"ab")
    assert made.take_in()
    # Where a thread waits for more, its test fails, and does not wait for ever.
    parting = threading.Timer(10, links[1].shutdown, [socket.SHUT_WR])
    parting.start()
    yield made
    parting.cancel()
    made.inbox.close()


def test_a_thread_answers_what_comes_right_behind_its_answer(worker, connection, links):
    links[1].sendall(HEAD % 1 + b"c" + HEAD % 1 + b"d")

    assert worker.handle(connection)
    assert worker.answered == [HEAD % 2 + b"ab", HEAD % 1 + b"c", HEAD % 1 + b"d"]
    assert not connection.inbox.has_begun


def test_the_time_of_what_comes_behind_an_answer_begins_anew(worker, connection, links):
    connection.whole_at = 0.0
    links[1].sendall(HEAD % 1 + b"c")

    worker.handle(connection)

    assert time.monotonic() - connection.whole_at < 1


def test_a_thread_waits_for_the_rest_of_no_request(worker, connection, links):
    links[1].sendall(HEAD % 9 + b"cd")

    assert worker.handle(connection)

    assert worker.answered == [HEAD % 2 + b"ab"]
    assert connection.inbox.has_begun


def test_what_has_begun_behind_an_answer_has_the_time_of_a_request(worker, connection, links):
    links[1].sendall(HEAD % 9 + b"cd")
    worker.keepalived_conns, worker.pending_conns = deque(), deque()
    kept = Future()
    kept.set_result(worker.handle(connection))

    with selectors.DefaultSelector() as worker.poller:
        worker.finish_request(connection, kept)

    assert list(worker.pending_conns) == [connection]
    assert not worker.keepalived_conns


def test_a_connection_that_the_client_closes_behind_its_answer_is_not_kept(
    worker, connection, links
):
    links[1].shutdown(socket.SHUT_WR)

    assert not worker.handle(connection)
    assert worker.answered == [HEAD % 2 + b"ab", b""]


@pytest.mark.parametrize("state", [{"_given": 5}, {"alive": False}], ids=["others-wait", "ends"])
def test_a_thread_leaves_the_next_request_to_the_main_loop_where(worker, connection, links, state):
    vars(worker).update(state)
    links[1].sendall(HEAD % 1 + b"c")

    assert worker.handle(connection)
    assert worker.answered == [HEAD % 2 + b"ab"]
    assert not connection.inbox.has_begun  # It did not even wait for it.


def test_who_waits_for_a_thread_meanwhile_is_not_overtaken(worker, connection, links, monkeypatch):
    def take_in_while_another_comes():
        worker._given = 5
        return Connection.take_in(connection)

    links[1].sendall(HEAD % 1 + b"c")
    monkeypatch.setattr(connection, "take_in", take_in_while_another_comes)

    assert worker.handle(connection)
    assert worker.answered == [HEAD % 2 + b"ab"]
    assert connection.inbox.is_complete
    assert connection.inbox.has_begun  # So that the main loop goes on with it.


def test_a_thread_leaves_health_to_its_own_threads(worker, connection, links):
    links[1].sendall(b"GET /health/ready HTTP/1.1\r\n\r\n")

    assert worker.handle(connection)
    assert worker.answered == [HEAD % 2 + b"ab"]
    assert connection.inbox.has_begun


def test_a_thread_for_health_answers_nothing_else(worker, connection, links):
    connection.is_of_health = True
    links[1].sendall(HEAD % 1 + b"c")

    assert worker.handle(connection)
    assert worker.answered == [HEAD % 2 + b"ab"]


def waits_to_accept(worker, monkeypatch, connections):
    waited = [0]
    monkeypatch.setattr(time, "sleep", waited.append)

    def leave():
        raise BlockingIOError

    worker.nr_conns = connections
    worker.accept(SimpleNamespace(accept=leave))
    return waited[-1]


def test_of_two_workers_the_one_with_fewer_connections_accepts_first(worker, monkeypatch):
    worker._senders_stay = True

    none, one, two, many = (waits_to_accept(worker, monkeypatch, n) for n in (0, 1, 2, 400))

    assert 0 == none < one < two < many < 0.01


def test_nothing_waits_to_be_accepted_while_senders_do_not_stay(worker, connection, monkeypatch):
    worker._answered_since, worker._deadlines = {}, {}

    for connection.is_of_health, is_kept, waits in [
        (False, True, True),
        (False, False, False),
        (True, True, False),  # Whoever asks for health says nothing of senders.
        (False, True, True),
    ]:
        monkeypatch.setattr(ThreadWorker, "handle_request", lambda *_, kept=is_kept: kept)
        worker._finished_at = 0.0
        assert worker.handle_request(SimpleNamespace(), connection) is is_kept
        assert (worker._finished_at > 0) is not connection.is_of_health
        assert (waits_to_accept(worker, monkeypatch, 9) > 0) is waits

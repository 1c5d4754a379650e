"""How the worker receives requests, limits answers, and starts deadlines."""

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
from gunicorn.workers.gthread import ThreadWorker

from app.limits.deadline import Deadline
from app.server.worker import Connection, PatientWorker

HEAD = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n"


def test_a_send_fails_if_the_client_receives_nothing_in_time(links, monkeypatch):
    monkeypatch.setattr("app.limits.times.SEND_SECONDS_MAX", 1)
    connection = Connection(Config(), links[0], ("127.0.0.1", 1), ("127.0.0.1", 2))
    connection.init()
    # If it does not fail, this ends the wait.
    parting = threading.Timer(10, links[1].shutdown, [socket.SHUT_RDWR])
    parting.start()

    with pytest.raises(BlockingIOError):
        connection.sock.sendall(b"x" * 10_000_000)
    parting.cancel()
    connection.inbox.close()


def test_a_client_that_receives_nothing_is_disconnected(monkeypatch):
    def stuck(*_):
        raise BlockingIOError

    monkeypatch.setattr(ThreadWorker, "handle_request", stuck)
    worker = PatientWorker.__new__(PatientWorker)
    worker.log = logging.getLogger(__name__)
    worker._answering = {}

    connection = Connection.__new__(Connection)
    connection.sock, connection.is_health_check = None, False
    assert worker.handle_request(SimpleNamespace(), connection) is False
    assert worker._answering == {}


@pytest.fixture
def connection(links):
    made = Connection(Config(), links[0], ("127.0.0.1", 1), ("127.0.0.1", 2))
    links[1].sendall(HEAD % 2 + b"ab")
    yield made
    made.inbox.close()


@pytest.fixture
def worker():
    made = PatientWorker.__new__(PatientWorker)
    made.cfg, made.alive, made._assigned = Config(), True, 1
    made.pending_conns, made.keepalived_conns = deque(), deque()
    with selectors.DefaultSelector() as made.poller:
        yield made


def answered():
    done = Future()
    done.set_result(True)
    return done


def test_a_deadline_starts_when_the_request_is_complete(links):
    connection = Connection(Config(), links[0], ("127.0.0.1", 1), ("127.0.0.1", 2))
    connection.deadline = Deadline(0)
    links[1].sendall(HEAD % 2 + b"a")
    assert not connection.receive()
    assert connection.deadline.seconds_left() == 0

    links[1].sendall(b"b")

    assert connection.receive()
    assert 23 < connection.deadline.seconds_left() <= 24
    connection.inbox.close()


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/v1/calls/health/"])
def test_only_a_health_check_counts_as_one(links, path):
    connection = Connection(Config(), links[0], ("127.0.0.1", 1), ("127.0.0.1", 2))
    links[1].sendall(f"GET {path} HTTP/1.1\r\n\r\n".encode())

    assert connection.receive()
    assert connection.is_health_check is path.startswith("/health/")
    connection.inbox.close()


def test_a_request_that_has_begun_when_its_predecessor_is_answered_gets_the_time_to_arrive(
    worker, connection, links
):
    links[1].sendall(HEAD % 9 + b"cd")
    assert connection.receive()

    worker.finish_request(connection, answered())

    assert list(worker.pending_conns) == [connection]
    assert not worker.keepalived_conns
    assert worker._assigned == 0


def test_a_complete_request_that_arrived_with_its_predecessor_goes_to_a_thread(
    worker, connection, links
):
    links[1].sendall(HEAD % 1 + b"c")
    assert connection.receive()
    worker.handle = lambda conn: conn.inbox.recv(1000)
    requests = []
    worker.tpool = SimpleNamespace(
        submit=lambda handle, conn: requests.append(handle(conn)) or Future()
    )

    worker.finish_request(connection, answered())

    assert requests == [HEAD % 1 + b"c"]
    assert not worker.keepalived_conns
    assert worker._assigned == 1


def test_a_connection_without_another_request_is_kept(worker, connection):
    assert connection.receive()

    worker.finish_request(connection, answered())

    assert list(worker.keepalived_conns) == [connection]


def seconds_before_accepting(worker, monkeypatch, connections):
    waits = [0]
    monkeypatch.setattr(time, "sleep", waits.append)

    def taken_by_another_worker():
        raise BlockingIOError

    worker.nr_conns = connections
    worker.accept(SimpleNamespace(accept=taken_by_another_worker))
    return waits[-1]


def test_of_two_workers_the_one_with_fewer_connections_accepts_first(worker, monkeypatch):
    worker._last_client_stays = True

    none, one, two, many = (
        seconds_before_accepting(worker, monkeypatch, n) for n in (0, 1, 2, 400)
    )

    assert 0 == none < one < two < many < 0.01


def test_no_connection_waits_while_clients_close_theirs(worker, connection, monkeypatch):
    worker._answering = {}

    for connection.is_health_check, is_kept, waits in [
        (False, True, True),
        (False, False, False),
        (True, True, False),  # A health check says nothing about senders.
        (False, True, True),
    ]:
        monkeypatch.setattr(ThreadWorker, "handle_request", lambda *_, kept=is_kept: kept)
        worker._last_answer_at = 0.0
        assert worker.handle_request(SimpleNamespace(), connection) is is_kept
        assert (worker._last_answer_at > 0) is not connection.is_health_check
        assert (seconds_before_accepting(worker, monkeypatch, 9) > 0) is waits


def test_a_stopping_worker_leaves_a_listener_that_it_has_closed_alone(worker):
    worker.alive = False
    closed = SimpleNamespace()  # As gunicorn's, which has no `accept` once it is closed.

    worker.accept(closed)

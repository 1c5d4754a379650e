"""What `app/server` uses of gunicorn's internals exists, so that a new release fails here first."""

import inspect

import pytest
from gunicorn.app.base import Application
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http import wsgi
from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.http.message import HeaderPolicy, Message
from gunicorn.http.parser import Parser
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import PollableMethodQueue, TConn, ThreadWorker

from app.server.local import LocalServer
from app.server.log import ServerLog
from app.server.worker import Connection, PatientWorker


def parameters(function):
    return list(inspect.signature(function).parameters)


def assigned_in(function):
    """Return the names of the attributes that a method sets or reads."""
    return set(function.__code__.co_names)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (PatientWorker, ThreadWorker),
        (Connection, TConn),
        (LocalServer, Application),
        (ServerLog, Logger),
    ],
)
def test_each_method_that_replaces_one_of_gunicorn_has_its_parameters(ours, theirs):
    replaced = [name for name in vars(ours) if not name.startswith("_") and hasattr(theirs, name)]

    assert replaced
    for name in replaced:
        if name != "close":
            assert parameters(getattr(ours, name)) == parameters(getattr(theirs, name)), name


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (TConn.__init__, ["self", "cfg", "sock", "client", "server"]),
        (TConn.close, ["self", "graceful"]),
        (ThreadWorker.accept, ["self", "listener"]),
        (ThreadWorker.set_accept_enabled, ["self", "enabled"]),
        (ThreadWorker.enqueue_req, ["self", "conn"]),
        (ThreadWorker.on_client_socket_readable, ["self", "conn", "client"]),
        (ThreadWorker.on_pending_socket_readable, ["self", "conn", "client"]),
        (ThreadWorker.handle, ["self", "conn"]),
        (ThreadWorker.handle_request, ["self", "req", "conn"]),
        (ThreadWorker.finish_request, ["self", "conn", "fs"]),
        (ThreadWorker.murder_pending, ["self"]),
        (Worker.load_wsgi, ["self"]),
        (PollableMethodQueue.defer, ["self", "callback", "args"]),
        (Parser.__init__, ["self", "cfg", "source", "source_addr"]),
        (Worker.handle_error, ["self", "req", "client", "addr", "exc"]),
        (
            HeaderPolicy._apply_header_policy,
            [
                *("self", "name", "value", "scheme_state", "seen"),
                *("secure_scheme_headers", "forwarder_headers", "from_trailer"),
            ],
        ),
        (Application.load_config_from_module_name_or_filename, ["self", "location"]),
        (Logger.setup, ["self", "cfg"]),
        (LimitRequestHeaders.__init__, ["self", "msg"]),
    ],
)
def test_a_function_of_gunicorn_has_the_expected_parameters(function, expected):
    assert parameters(function) == expected


def test_a_worker_has_the_attributes_that_ours_uses():
    used = {"nr_conns", "pending_conns", "keepalived_conns", "poller", "tpool", "method_queue"}

    assert used <= assigned_in(ThreadWorker.__init__)
    assert {"app", "cfg", "log", "alive", "sockets"} <= assigned_in(Worker.__init__)
    assert "wsgi" in assigned_in(Worker.load_wsgi)
    assert "wsgi" in assigned_in(ThreadWorker.handle_request)


def test_a_connection_has_the_attributes_that_ours_uses():
    assert {"sock", "parser", "timeout", "data_ready"} <= assigned_in(TConn.__init__)


def test_gunicorn_calls_the_methods_that_ours_replaces():
    assert "accept" in assigned_in(ThreadWorker.set_accept_enabled)
    assert "murder_pending" in assigned_in(ThreadWorker.run)
    assert "enqueue_req" in assigned_in(ThreadWorker.on_client_socket_readable)
    assert "enqueue_req" in assigned_in(ThreadWorker.on_pending_socket_readable)
    assert "handle_request" in assigned_in(ThreadWorker.handle)
    assert "data_ready" in assigned_in(TConn.wait_for_data)
    assert "wait_for_data" in assigned_in(ThreadWorker.handle)


def test_a_thread_reads_a_request_through_recv_of_the_inbox(links):
    connection = Connection(Config(), links[0], ("127.0.0.1", 1), ("127.0.0.1", 2))
    connection.init()

    assert isinstance(connection.parser.unreader, SocketUnreader)
    assert connection.parser.unreader.sock is connection.inbox
    assert "recv" in assigned_in(SocketUnreader.chunk)
    connection.inbox.close()


def test_a_request_knows_whether_to_send_100_continue():
    assert Message._expected_100_continue is False


def test_the_environ_holds_the_socket_by_which_its_deadline_is_found():
    assert '"gunicorn.socket": sock' in inspect.getsource(wsgi.default_environ)

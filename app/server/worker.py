"""gunicorn's threaded worker, except that slow clients occupy no thread (docs/decisions/0007).

The main loop receives requests without blocking. A thread gets a request only when it is complete,
and reads it from memory. TLS and HTTP/2 are the task of a proxy.

tests/unit/test_gunicorn_contract.py holds what this module uses of gunicorn's internals.
"""

import selectors
import socket
import struct
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import takewhile
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from app.limits import times
from app.limits.deadline import Deadline
from app.server.inbox import PIECE_BYTES_MAX, Inbox
from app.server.parser import RequestParser
from app.server.refusals import refusal

# Health checks have threads of their own: they are answered while all others wait for the database.
_HEALTH_CHECKS = (b"GET /health/", b"HEAD /health/")
_HEALTH_THREADS = 2


class Connection(TConn):
    """A client's connection, with the request that is being received or answered."""

    def __init__(self, cfg: Any, link: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, link, client, server)
        # The system limits each `send()`. A timeout of Python would limit a whole `sendall()`.
        send_timeout = struct.pack("ll", times.SEND_SECONDS_MAX, 0)  # A C `struct timeval`.
        link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, send_timeout)
        self.inbox = Inbox()
        self.parser = RequestParser(cfg, self.inbox, client)
        self.data_ready = True  # gunicorn's `handle` must not wait for the socket.
        self.is_health_check = False
        self.deadline = Deadline.start()  # Starts again when a request is complete.
        self.answering_since = 0.0  # By `time.monotonic`.

    def receive(self) -> bool:
        """Receive what has arrived, without blocking; return whether the request is complete."""
        is_complete = self.inbox.receive(self.sock)
        if is_complete:
            self.deadline = Deadline.start()
            self.is_health_check = self.inbox.starts_with(_HEALTH_CHECKS)
        return is_complete

    def reset(self) -> None:
        """End the connection by a reset: the client notices that the answer is not whole."""
        linger = struct.pack("ii", 1, 0)  # A C `struct linger`: close at once.
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.sock.close()

    def close(self, **options: bool) -> None:
        """Close the connection, and delete what it received."""
        super().close(**options)
        self.inbox.close()


class PatientWorker(ThreadWorker):
    """A worker whose main loop receives requests, and whose threads answer them.

    Connections with an incomplete request are in gunicorn's `pending_conns`. All of them have the
    same time limit, so they are ordered by when it ends.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._health_threads = ThreadPoolExecutor(_HEALTH_THREADS)
        # Connections that were shut down here, until the client closes them too; oldest first.
        self._closing: deque[Connection] = deque()
        # Requests that a thread answers or that wait for a thread, without health checks.
        self._assigned = 0
        # Connections whose request a thread is answering; the longest first.
        self._answering: dict[socket.socket, Connection] = {}
        self._last_answer_at = 0.0
        self._last_client_stays = True  # Whether the last answer kept its connection.

    def load_wsgi(self) -> None:
        """Load the application, and wrap it so that each environ has the request's deadline."""
        super().load_wsgi()
        app: Any = self.app.wsgi()

        def with_deadline(environ: dict[str, Any], start_response: Any) -> Any:
            conn = self._answering[environ["gunicorn.socket"]]
            environ["pulso.deadline"] = conn.deadline
            environ["pulso.reset"] = conn.reset
            return app(environ, start_response)

        self.wsgi = with_deadline

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, and receive its first request.

        The system wakes all workers for a connection. The more connections a worker has, the longer
        it waits first, so that the workers share those that stay evenly.
        """
        if not self.alive:
            return  # `set_accept_enabled` takes those that wait, and closes the listener.
        if self._last_client_stays:
            time.sleep(min(self.nr_conns * times.HEAD_START_SECONDS, times.HEAD_START_SECONDS_MAX))
        # Another worker may have accepted it, or the client may have closed it.
        with suppress(BlockingIOError, ConnectionAbortedError):
            self._accept(listener)

    def _accept(self, listener: socket.socket) -> None:
        link, client = listener.accept()
        self.nr_conns += 1
        self.enqueue_req(Connection(self.cfg, link, client, listener.getsockname()))

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001, gunicorn's signature
        """Start or stop accepting; at its end a worker takes those that wait, then refuses all."""
        super().set_accept_enabled(enabled)
        for listener in [] if self.alive else self.sockets:
            with suppress(OSError):  # Nobody waits any more.
                while True:
                    self._accept(listener)
            listener.close()

    def enqueue_req(self, conn: Connection) -> None:
        """Give the request to a thread if it is complete; otherwise wait for the rest."""
        conn.sock.settimeout(0)
        if not conn.receive():
            conn.timeout = time.monotonic() + times.RECEIVE_SECONDS_MAX
            self.pending_conns.append(conn)
            self._call_when_readable(conn, self.on_pending_socket_readable)
            return
        self._assigned += not conn.is_health_check
        threads = self._health_threads if conn.is_health_check else self.tpool
        threads.submit(self.handle, conn).add_done_callback(
            lambda done: self.method_queue.defer(self.finish_request, conn, done)
        )

    def on_pending_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """Receive more of a request; give it to a thread once it is complete."""
        if conn.inbox.receive(client):
            super().on_pending_socket_readable(conn, client)

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Answer the request, in a thread; return whether to keep the connection."""
        req._expected_100_continue = False  # The inbox has sent `100 Continue` already.
        conn.answering_since = time.monotonic()
        self._answering[conn.sock] = conn
        is_kept = False
        try:
            is_kept = bool(super().handle_request(req, conn))
        except BlockingIOError:
            self.log.warning("A client that received nothing of its answer was disconnected")
        finally:
            del self._answering[conn.sock]
            if not conn.is_health_check:
                self._last_answer_at = time.monotonic()
                self._last_client_stays = is_kept
        return is_kept

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:  # noqa: ARG002, gunicorn's
        """Answer a request that does not reach the application; gunicorn would do it in HTML."""
        with suppress(OSError):
            client.sendall(refusal(self.app.wsgi(), exc, addr))

    def finish_request(self, conn: Connection, fs: "Future[bool]") -> None:
        """Keep the connection for its next request, or close it; runs in the main loop."""
        self._assigned -= not conn.is_health_check
        if fs.cancelled() or fs.exception() or not fs.result():
            self._shut_down(conn)
            return
        conn.inbox.start_next()
        super().finish_request(conn, fs)
        if conn.inbox.has_begun and conn in self.keepalived_conns:
            # The next request has arrived already, so the socket may not become readable.
            self.on_client_socket_readable(conn, conn.sock)

    def _shut_down(self, conn: Connection) -> None:
        """Send no more, and close once the client does: closing now could discard the answer.

        gunicorn would wait for the client in the main loop, which blocks all other clients.
        """
        conn.inbox.close()
        try:
            conn.sock.settimeout(0)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(conn)
            return
        conn.timeout = time.monotonic() + times.PARTING_SECONDS_MAX
        self._closing.append(conn)
        self._call_when_readable(conn, self._on_closing_socket_readable)

    def _on_closing_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        try:
            is_closed = not client.recv(PIECE_BYTES_MAX)
        except BlockingIOError:
            return
        except OSError:
            is_closed = True
        if is_closed:
            self._closing.remove(conn)
            self.poller.unregister(client)
            self._close(conn)

    def murder_pending(self) -> None:
        """Close the connections whose time limit has passed; gunicorn calls it about every second.

        The limits are for receiving a request, for an answer, and for the client to close.
        """
        now = time.monotonic()
        for conn in takewhile(lambda each: each.timeout <= now, self.pending_conns):
            if conn.inbox.bytes_received:
                with suppress(OSError):
                    conn.sock.send(refusal(self.app.wsgi(), TimeoutError(), conn.client))
        super().murder_pending()
        while self._closing and self._closing[0].timeout <= now:
            conn = self._closing.popleft()
            self.poller.unregister(conn.sock)
            self._close(conn)
        self._free_a_thread(now)

    def _free_a_thread(self, now: float) -> None:
        """Cut off the longest answer if all threads are occupied and a request waits for one."""
        answers = [conn for conn in [*self._answering.values()] if not conn.is_health_check]
        if not len(answers) == self.cfg.threads < self._assigned:
            return
        longest = answers[0]
        if now > max(
            longest.answering_since + times.HOLD_THREAD_SECONDS_MAX,
            self._last_answer_at + times.FREE_THREAD_SECONDS_MAX,
        ):
            self.log.warning("An answer was cut off, because slow clients occupied all threads")
            with suppress(OSError):
                longest.sock.shutdown(socket.SHUT_RDWR)

    def _call_when_readable(self, conn: Connection, callback: Any) -> None:
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(callback, conn))

    def _close(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()

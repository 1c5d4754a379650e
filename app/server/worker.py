"""gunicorn's threaded worker, but slow clients hold no thread (docs/decisions/0007).

The main loop takes a request in, and only a whole one is given to a thread: there it is read from
what is here, never from the socket. A thread takes in itself only what comes right behind its
answer. TLS is for whoever stands in front.
"""

import select
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

from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

from app.limits import times
from app.limits.deadline import Deadline
from app.server.inbox import PIECE_BYTES_MAX, Inbox

# Whoever asks how the service is gets an answer also while all its threads wait for the database.
_HEALTH = (b"GET /health/", b"HEAD /health/")
_HEALTH_THREADS = 2

_TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Connection(TConn):
    """A connection, which takes in one request after another."""

    def __init__(self, cfg: Any, link: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, link, client, server)
        # By the system, since a timeout of Python is for an answer as a whole, however long.
        wait = struct.pack("ll", times.SEND_SECONDS_MAX, 0)  # A `struct timeval`.
        link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)
        self.inbox = Inbox()
        self._arrival = select.poll()
        self._arrival.register(link, select.POLLIN)
        self.parser = http.get_parser(cfg, self.inbox, client)
        self.data_ready = True  # As far as a thread is concerned.
        self.whole_at = 0.0  # When the last byte of its request came, by `time.monotonic`.
        self.is_of_health = False

    def next_begins(self) -> bool:
        """Wait a moment for something of the next request; give whether there is."""
        return self.inbox.has_begun or bool(
            self._arrival.poll(round(1000 * times.NEXT_REQUEST_SECONDS_MAX))
        )

    def take_in(self) -> bool:
        """Take in what is there, without waiting; give whether a request is whole by it."""
        is_whole = self.inbox.take(self.sock)
        self.whole_at = time.monotonic()
        return is_whole

    def close(self, **how: bool) -> None:
        """Close the connection and forget what it took in."""
        super().close(**how)
        self.inbox.close()


class PatientWorker(ThreadWorker):
    """A worker whose threads get whole requests, and whose main loop waits for them.

    What waits for its request is among gunicorn's own `pending_conns`: all have the same time, so
    they are in order of their end.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.core: int | None = None  # The one that it keeps to, where each worker has its own.
        self._health_threads = ThreadPoolExecutor(_HEALTH_THREADS)
        self._parting: deque[Connection] = deque()
        self._given = 0  # To the threads that are not for health, or waiting for one.
        self._finished_at = 0.0
        self._senders_stay = True  # As far as the last answer says.
        self._answered_since: dict[Connection, float] = {}  # The longest first.
        self._deadlines: dict[socket.socket, Deadline] = {}  # Of the requests being answered.

    def load_wsgi(self) -> None:
        """Load the application, and pass it the deadline of each request in its environ."""
        super().load_wsgi()
        app: Any = self.app.wsgi()

        def with_deadline(environ: dict[str, Any], start_response: Any) -> Any:
            environ["pulso.deadline"] = self._deadlines[environ["gunicorn.socket"]]
            return app(environ, start_response)

        self.wsgi = with_deadline

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, and take in its first request.

        All workers are told of it. The one with the fewest connections is to be the quickest, or
        senders that stay might all be one worker's.
        """
        if self._senders_stay:
            time.sleep(min(self.nr_conns * times.HEAD_START_SECONDS, times.HEAD_START_SECONDS_MAX))
        with suppress(BlockingIOError, ConnectionAbortedError):
            link, client = listener.accept()
            self.nr_conns += 1
            self.enqueue_req(Connection(self.cfg, link, client, listener.getsockname()))

    def enqueue_req(self, conn: Connection) -> None:
        """Give the request to a thread if it is complete, and wait for it otherwise."""
        conn.sock.settimeout(0)
        if conn.take_in():
            conn.is_of_health = conn.inbox.begins(_HEALTH)
            self._given += not conn.is_of_health
            threads = self._health_threads if conn.is_of_health else self.tpool
            threads.submit(self.handle, conn).add_done_callback(
                lambda done: self.method_queue.defer(self.finish_request, conn, done)
            )
            return
        conn.timeout = time.monotonic() + times.RECEIVE_SECONDS_MAX
        self.pending_conns.append(conn)
        self._call_when_readable(conn, self.on_pending_socket_readable)

    def on_pending_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """Take in what came, and go on once the request is complete."""
        if conn.inbox.take(client):
            super().on_pending_socket_readable(conn, client)

    def handle(self, conn: Connection) -> bool:
        """Have a request answered, and those that follow at once; give whether to keep `conn`.

        By way of the main loop, a request of a lone sender takes a third more processor time.
        """
        while super().handle(conn):
            conn.inbox.turn_to_next()
            if conn.is_of_health or self._thread_is_wanted() or not conn.next_begins():
                return True
            if not conn.take_in():
                return True
            if self._thread_is_wanted() or conn.inbox.begins(_HEALTH):
                return True  # What was taken in, the main loop gives to whose turn it is.
        return False

    def _thread_is_wanted(self) -> bool:
        return self._given > self.cfg.threads or not self.alive

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Have the request answered; give whether the connection can be kept."""
        req._expected_100_continue = False  # If the client needed that, it has had it.
        if not conn.is_of_health:
            self._answered_since[conn] = time.monotonic()
        try:
            self._deadlines[conn.sock] = Deadline(conn.whole_at + times.ANSWER_SECONDS_MAX)
            is_kept = bool(super().handle_request(req, conn))
        except BlockingIOError:
            self.log.warning("A client that took nothing of its answer was given up")
            return False
        finally:
            self._answered_since.pop(conn, None)
            self._deadlines.pop(conn.sock, None)
            if not conn.is_of_health:
                self._finished_at = time.monotonic()
        if not conn.is_of_health:
            self._senders_stay = is_kept
        return is_kept

    def finish_request(self, conn: Connection, fs: "Future[bool]") -> None:
        """Keep the connection for its next request, or part with it."""
        self._given -= not conn.is_of_health
        if fs.cancelled() or fs.exception() or not fs.result():
            self._part_with(conn)
            return
        super().finish_request(conn, fs)
        if conn.inbox.has_begun and conn in self.keepalived_conns:
            # What is here already does not make the socket readable.
            self.on_client_socket_readable(conn, conn.sock)

    def _part_with(self, conn: Connection) -> None:
        """Send no more, and close once the client does: closed at once, it may lose its answer.

        gunicorn waits for that in the main loop, where everybody waits with it.
        """
        conn.inbox.close()
        try:
            conn.sock.settimeout(0)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(conn)
            return
        conn.timeout = time.monotonic() + times.PARTING_SECONDS_MAX
        self._parting.append(conn)
        self._call_when_readable(conn, self._on_parting_socket_readable)

    def _on_parting_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        try:
            is_closed = not client.recv(PIECE_BYTES_MAX)
        except BlockingIOError:
            return
        except OSError:
            is_closed = True
        if is_closed:
            self._parting.remove(conn)
            self.poller.unregister(client)
            self._close(conn)

    def murder_pending(self) -> None:
        """Close the connections whose time is over, for a request, an answer or parting."""
        now = time.monotonic()
        for conn in takewhile(lambda each: each.timeout <= now, self.pending_conns):
            if conn.inbox.bytes_taken:
                with suppress(OSError):
                    conn.sock.send(_TIMED_OUT)
        super().murder_pending()
        while self._parting and self._parting[0].timeout <= now:
            conn = self._parting.popleft()
            self.poller.unregister(conn.sock)
            self._close(conn)
        self._free_a_thread(now)

    def _free_a_thread(self, now: float) -> None:
        """Cut the longest answer off where all threads are held, and a request waits for one."""
        answers = list(self._answered_since.items())
        if not len(answers) == self.cfg.threads < self._given:
            return
        longest, since = answers[0]
        if now > max(
            since + times.HOLD_THREAD_SECONDS_MAX, self._finished_at + times.FREE_THREAD_SECONDS_MAX
        ):
            self.log.warning("An answer was cut off, since slow clients held all threads")
            with suppress(OSError):
                longest.sock.shutdown(socket.SHUT_RDWR)

    def _call_when_readable(self, conn: Connection, callback: Any) -> None:
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(callback, conn))

    def _close(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()

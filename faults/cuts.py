"""Connections to the database that are cut off at any byte, the bytes of a COMMIT among them."""

import random
import select
import socket
import threading
import time
from contextlib import closing, suppress
from typing import Self

from sqlalchemy.engine import make_url

from benchmarks.measure import Row, at_least
from faults.postgres import Postgres
from faults.trial import Trial

_CUTS, _CUTS_IN_COMMIT, _SECONDS_MAX = 200, 50, 90
_COMMIT = b"Q\0\0\0\x0bCOMMIT\0"
_REPLY_BYTES = 18  # That it is committed, and that the next statement may come.
_BYTES_MAX = 20_000
_PIECE_BYTES_MAX = 64 * 1024


class Proxy:
    """Passes on what comes by TCP to PostgreSQL's socket, and back, and cuts every connection."""

    def __init__(self, url: str) -> None:
        where = make_url(url)
        self._path = f"{where.query['host']}/.s.PGSQL.5432"
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        to_here = where.set(host="127.0.0.1", port=port, query={})
        self.url = to_here.render_as_string(hide_password=False)
        self.cuts = self.cuts_in_commit = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # Closed.
            while True:
                link, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(link,), daemon=True).start()

    def _pass_on(self, service: socket.socket) -> None:
        """Pass bytes on until the connection is to be cut: after so many, or in a COMMIT."""
        commits_left = random.choice((0, 1, 2))  # In none of them, or in that one.
        bytes_left = None if commits_left else random.randrange(_BYTES_MAX)
        with suppress(OSError), service, closing(socket.socket(socket.AF_UNIX)) as database:
            database.connect(self._path)
            while True:
                [link, *_], _, _ = select.select([service, database], [], [])
                piece = link.recv(_PIECE_BYTES_MAX)
                if not piece:
                    return
                if commits_left and link is service and _COMMIT in piece:
                    commits_left -= 1
                    if not commits_left:
                        within = random.randrange(len(_COMMIT) + _REPLY_BYTES)
                        bytes_left = piece.index(_COMMIT) + within
                        self.cuts_in_commit += 1
                passed = piece[:bytes_left]
                (database if link is service else service).sendall(passed)
                if len(passed) < len(piece):
                    self.cuts += 1
                    return
                if bytes_left is not None:
                    bytes_left -= len(piece)


def cut(postgres: Postgres) -> list[Row]:
    """Cut each connection of the service somewhere, many of them while they commit."""
    trial = Trial(postgres, "cut")
    with Proxy(trial.url) as proxy:
        until = time.monotonic() + _SECONDS_MAX
        with trial.running(url=proxy.url):
            while time.monotonic() < until and (
                proxy.cuts < _CUTS or proxy.cuts_in_commit < _CUTS_IN_COMMIT
            ):
                time.sleep(1)
        rows = [
            at_least("cuts", proxy.cuts, _CUTS),
            at_least("in COMMIT", proxy.cuts_in_commit, _CUTS_IN_COMMIT),
        ]
    return [*rows, *trial.rows]

"""Clients that deliver records, and write down what they were told."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from random import Random, random
from typing import Any, Self

from benchmarks.place import Server
from faults.journal import Answer, Journal
from tests.corpus import three_months

ANSWER_SECONDS_MAX = 60  # The bar is lower; what takes longer than it shall be seen, not cut off.
_PAUSE_SECONDS = 0.05  # After a connection was lost.

Delivery = tuple[bytes, ...]


def traffic(seed: int = 1) -> Iterator[Delivery]:
    """Yield deliveries without end: singles, and batches of records that were or will be singles.

    Both halves of a call, its repeats and what contradicts it are close to each other, so that
    several clients have records of one call in hand at once.
    """
    chance = Random(seed)
    corpus = [each.received for each in three_months()]
    for place in cycle(range(0, len(corpus), 10)):
        window = corpus[place : place + 20]
        yield from ((record,) for record in window[:10])
        if chance.random() < 0.3:
            yield tuple(chance.sample(window, len(window)))


def ask(
    server: Server, path: str, body: bytes | None = None, link: HTTPConnection | None = None
) -> Answer:
    """Send one request, by `link` or a connection of its own. Raises OSError, HTTPException."""
    if link is None:
        with closing(connect(server)) as own:
            return ask(server, path, body, own)
    begin = time.monotonic()
    headers = {"X-API-Key": str(server.key), "Content-Type": "application/json"}
    link.request("GET" if body is None else "POST", path, body, headers)
    answer = link.getresponse()
    said = _object_in(answer.read())
    seconds = time.monotonic() - begin
    return Answer(answer.status, said, seconds, answer.headers["Retry-After"])


def connect(server: Server) -> HTTPConnection:
    """Give a connection to `server`, not yet opened."""
    return HTTPConnection("127.0.0.1", server.port, timeout=ANSWER_SECONDS_MAX)


def body_of(delivery: Delivery) -> bytes:
    """Give records as they go over the wire: one by itself, many as an array."""
    return delivery[0] if len(delivery) == 1 else b"[%s]" % b",".join(delivery)


def _object_in(body: bytes) -> dict[str, Any]:
    said = json.loads(body) if body.startswith(b"{") else {}
    return said if isinstance(said, dict) else {}


class Load:
    """Clients that each send the next of `deliveries` once the last was answered or cut off.

    As a context it runs until its end, or until `deliveries` are all sent if it is asked to
    `finish`. `server` may be another one while it runs.
    """

    def __init__(
        self, server: Server, journal: Journal, deliveries: Iterator[Delivery], clients: int
    ) -> None:
        self.server = server
        self._journal = journal
        self._deliveries = deliveries
        self._taking = threading.Lock()
        self._is_over = threading.Event()
        self._clients = [threading.Thread(target=self._deliver) for _ in range(clients)]

    def __enter__(self) -> Self:
        for each in self._clients:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self.finish()

    def finish(self) -> None:
        """Wait until the clients have nothing more to send."""
        for each in self._clients:
            each.join()

    def _next(self) -> Delivery | None:
        with self._taking:
            return None if self._is_over.is_set() else next(self._deliveries, None)

    def _deliver(self) -> None:
        link = connect(self.server)
        while (delivery := self._next()) is not None:
            server = self.server
            if link.port != server.port:
                link.close()
                link = connect(server)
            line = self._journal.sent(delivery)
            try:
                line.answer = ask(server, "/v1/call-records", body_of(delivery), link)
            except (OSError, HTTPException):
                link.close()
                time.sleep(_PAUSE_SECONDS)
            else:
                # Not all at once, so that requests of every age wait beside each other.
                self._is_over.wait(random() * float(line.answer.retry_after or 0))
        link.close()

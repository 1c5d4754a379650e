"""Batches of 10,000 records: in process and over HTTP, against raw COPY of as many rows."""

import io
import statistics
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psutil
from flask import Flask

from app.api.readers import read_body
from app.database.statements import driver_cursor
from app.database.transactions import transaction
from app.limits.deadline import Deadline
from app.services import ingestion
from benchmarks.corpus import Corpus, body_of, some_calls
from benchmarks.load import delivery, send_all
from benchmarks.measure import Row, at_least, at_most, seconds_of
from benchmarks.place import Place, Server, an_app, serving

RECORDS = 10_000
_ROUNDS = 9
_COPY = "COPY twin (call_id, start_record_id, started_at, source, destination, start_received_at, "
_COPY += "end_record_id, ended_at, end_received_at, price_cents, tariff_id, period, priced_at) "
_COPY += "FROM STDIN"


def rows_of_batches(place: Place) -> list[Row]:
    """Measure batches on a database of their own; the floor is raw COPY into a twin of `calls`."""
    url = place.new_database("bench_batches")
    app = an_app(url)
    pairs, halves, one_client, two_clients = [], [], [], []
    with app.app_context(), serving(url) as server:
        for number in range(_ROUNDS):
            floor = raw_copy()
            pairs.append(floor / in_process(app, some_calls(RECORDS // 2).pairs))
            calls = some_calls(RECORDS)
            seconds = [in_process(app, calls.starts), in_process(app, calls.ends)]
            halves.append(floor / statistics.mean(seconds))
            one_client.append(floor / over_http(server, clients=1))
            two_clients.append(2 * floor / over_http(server, clients=2))
            if number == 0:  # The first round warms up, and does not count.
                del pairs[0], halves[0], one_client[0], two_clients[0]
    median = statistics.median
    return [
        at_least("batch of 10,000 in process / raw COPY: pairs in the batch", median(pairs), 0.60),
        at_least("the same: halves in two batches", median(halves), 0.40),
        at_least("batch of 10,000 over HTTP / raw COPY: 1 client", median(one_client), 0.35),
        at_least("the same: 2 clients", median(two_clients), 0.55),
    ]


def raw_copy() -> float:
    """Give the seconds that COPY takes for 10,000 whole calls into a twin of `calls`."""
    with transaction(Deadline.start()) as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS twin (LIKE calls INCLUDING ALL)")
    text = _copy_text(some_calls(RECORDS))

    def copy() -> None:
        with transaction(Deadline.start()) as connection:
            driver_cursor(connection).copy_expert(_COPY, io.StringIO(text))

    return seconds_of(copy)


def _copy_text(calls: Corpus) -> str:
    now = datetime.now(UTC).isoformat()
    return "".join(
        f"{start['call_id']}\t{start['id']}\t{start['timestamp']}\t{start['source']}"
        f"\t{start['destination']}\t{now}\t{end['id']}\t{end['timestamp']}\t{now}"
        f"\t81\t1\t2018-01-01\t{now}\n"
        for start, end in zip(calls.starts, calls.ends, strict=True)
    )


def in_process(app: Flask, records: list[dict[str, str]]) -> float:
    """Give the seconds from a body to its outcomes, committed."""
    body, now = body_of(records), datetime.now(UTC)

    def accept() -> None:
        deliveries = read_body(body, app.extensions["pulso_reader"], now).deliveries
        ingestion.accept(
            deliveries,
            pricing=app.extensions["pulso_pricing"],
            received_at=now,
            deadline=Deadline.start(),
        )

    return seconds_of(accept)


def over_http(server: Server, *, clients: int) -> float:
    """Give the seconds in which each of `clients` has posted a batch of pairs."""
    requests = [
        delivery(body_of(some_calls(RECORDS // 2).pairs), server.key) for _ in range(clients)
    ]
    return seconds_of(_together([_sender(server.port, request) for request in requests]))


def _sender(port: int, request: bytes) -> Callable[[], object]:
    return lambda: send_all(port, [request], connections=1)


def _together(works: list[Callable[[], object]]) -> Callable[[], None]:
    def run() -> None:
        with ThreadPoolExecutor(len(works)) as pool:
            for each in [pool.submit(work) for work in works]:
                each.result()

    return run


def rows_of_memory(place: Place) -> list[Row]:
    """Measure what 100 batches leave of memory in a worker."""
    with serving(place.new_database("bench_memory")) as server:
        for _ in range(4):
            over_http(server, clients=2)
        workers = [
            each
            for each in psutil.process_iter(["cmdline"])
            if "app.wsgi:app" in (each.info["cmdline"] or []) and not each.children()
        ]
        before = max(each.memory_info().rss for each in workers)
        for _ in range(50):
            over_http(server, clients=2)
        grown = max(each.memory_info().rss for each in workers) - before
    return [at_most("memory a worker gains over 100 batches of 10,000, MB", grown / 1e6, 60)]

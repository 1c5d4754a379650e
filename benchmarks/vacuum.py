"""What vacuuming does for bills: pairs posted one by one, under PostgreSQL's settings and ours.

A part that runs only where it is named, since it takes half an hour or more. Whether autovacuum
keeps up is seen only while it is at work, so here nothing is vacuumed by hand.
"""

import statistics
import time
import uuid
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.database.connections import db
from app.database.transactions import transaction
from app.domain.call_record import CallRecord, EndRecord, StartRecord
from app.domain.delivery import Delivery
from app.domain.period import BillingPeriod
from app.limits.deadline import Deadline
from app.services.ingestion import accept
from app.store import bill_lines
from benchmarks.measure import seconds_of
from benchmarks.place import Place, an_app

_PAIRS, _MONTHS, _SUBSCRIBERS = 1_000_000, 4, 1_000
_POSTERS, _OPEN_CALLS = 8, 5_000
_SAMPLES = 20
_TURNS, _PAIRS_A_TURN = 12, 10_000
# Two turns of autovacuum, which looks at a table once in `autovacuum_naptime`, a minute.
_QUIET_SECONDS = 150

SETTINGS = {
    "PostgreSQL's own": """
        ALTER TABLE calls
        RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor)
    """,
    "those of the migrations": "SELECT",
}

_STATE = """
    SELECT n_tup_ins AS posted, n_dead_tup, relallvisible / greatest(relpages, 1)::float,
        pg_relation_size(relid) / 1e6, pg_indexes_size(relid) / 1e6,
        autovacuum_count, total_autovacuum_time / 1000
    FROM pg_stat_user_tables JOIN pg_class ON pg_class.oid = relid
    WHERE pg_class.relname = 'calls'
"""


class Scan(NamedTuple):
    """What PostgreSQL says of one index-only scan: lines given, heap rows and pages looked at."""

    lines: int
    heap_fetches: int
    buffers: int


class Sample(NamedTuple):
    """The table at one moment; sizes in MB, times in seconds; `visible` is a share of pages."""

    seconds: float
    posted: int
    dead: int
    visible: float
    table_mb: float
    indexes_mb: float
    autovacuums: int
    autovacuum_seconds: float
    run: Scan
    bill: Scan


def print_vacuum(place: Place, pairs: int = _PAIRS) -> None:
    """Post `pairs` calls under each of the settings, and print what bills cost meanwhile."""
    for name, statement in SETTINGS.items():
        print(
            f"\nVacuumed by {name}; the month looked at is the last one closed.\n\n"
            "| seconds | pairs | heap fetches a line: run | bill | pages: run | bill"
            " | dead rows | pages all visible | table MB | indexes MB | autovacuums | seconds |\n"
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
        )
        for sample in samples(place, statement, pairs):
            print(_line(sample), flush=True)
    print(f"\npairs a second, ours / PostgreSQL's own, in turn: {_rates_in_turn(place):.2f}")


def _line(sample: Sample) -> str:
    run, bill = sample.run, sample.bill
    return (
        f"| {sample.seconds:.0f} | {sample.posted:,} | {run.heap_fetches / max(run.lines, 1):.1%}"
        f" | {bill.heap_fetches / max(bill.lines, 1):.1%} | {run.buffers:,} | {bill.buffers:,}"
        f" | {sample.dead:,} | {sample.visible:.1%} | {sample.table_mb:.0f}"
        f" | {sample.indexes_mb:.0f} | {sample.autovacuums} | {sample.autovacuum_seconds:.0f} |"
    )


def samples(place: Place, statement: str, pairs: int) -> Iterator[Sample]:
    """Yield samples while `pairs` calls are posted, one at their end, and one some time after."""
    url = _new_database(place, "bench_vacuum", statement)
    with an_app(url).app_context(), _posting_processes() as pool:
        posters = _begin_to_post(pool, url, pairs)
        begin, due = time.perf_counter(), pairs // _SAMPLES
        while not _all_done(posters):
            if due <= _posted() < pairs:
                yield _sample(begin, pairs)
                due += pairs // _SAMPLES
        yield _sample(begin, pairs)
        time.sleep(_QUIET_SECONDS)
        yield _sample(begin, pairs)


def _rates_in_turn(place: Place) -> float:
    """Give the median ratio of the rates at which both take pairs, each in turn."""
    urls = [
        _new_database(place, f"bench_vacuum_{number}", statement)
        for number, statement in enumerate(SETTINGS.values())
    ]
    ratios = []
    with _posting_processes() as pool:
        for _ in range(_TURNS):
            theirs, ours = (seconds_of(partial(_post_all, pool, url)) for url in urls)
            ratios.append(theirs / ours)
    return statistics.median(ratios[1:])  # The first turn warms up, and does not count.


def _new_database(place: Place, name: str, statement: str) -> str:
    url = place.new_database(name)
    with place.connect(url) as opened, opened.cursor() as cursor:
        cursor.execute(statement)
    return url


def _post_all(pool: ProcessPoolExecutor, url: str) -> None:
    for each in _begin_to_post(pool, url, _PAIRS_A_TURN):
        each.result()


def _posting_processes() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(_POSTERS, mp_context=get_context("spawn"))


def _begin_to_post(pool: ProcessPoolExecutor, url: str, pairs: int) -> list[Future[None]]:
    return [pool.submit(_post, url, number, pairs) for number in range(_POSTERS)]


def _all_done(posters: list[Future[None]]) -> bool:
    done, pending = wait(posters, timeout=1)
    for each in done:
        each.result()
    return not pending


def _post(url: str, poster: int, pairs: int) -> None:
    """Post each eighth call, its start and, many starts later, its end, record by record."""
    app = an_app(url)
    open_calls: deque[CallRecord] = deque()

    def post(record: CallRecord) -> None:
        accept(
            [Delivery(b"", record)],
            pricing=app.extensions["pulso_pricing"],
            received_at=datetime.now(UTC),
            deadline=Deadline.start(),
        )

    with app.app_context():
        for number in range(poster, pairs, _POSTERS):
            start, end = _call(number, pairs)
            post(start)
            open_calls.append(end)
            if len(open_calls) > _OPEN_CALLS // _POSTERS:
                post(open_calls.popleft())
        for waiting in open_calls:
            post(waiting)
        db.engine.dispose()


def _call(number: int, pairs: int) -> tuple[StartRecord, EndRecord]:
    """Make call `number` of all; they come in the order of time, as many in each month."""
    call_id, now = str(uuid.uuid4()), datetime.now(UTC)
    month, place = divmod(number * _MONTHS, pairs)
    since = timedelta(seconds=2_000_000 * place // pairs)
    started = datetime(2018, 1 + month, 1, tzinfo=UTC) + since
    source = f"119{number * 7919 % _SUBSCRIBERS:08d}"
    return (
        StartRecord(call_id, f"{number}s", started, source, "1133334444", now),
        EndRecord(call_id, f"{number}e", started + timedelta(minutes=5), now),
    )


def _posted() -> int:
    with transaction(Deadline.start(), read_only=True) as connection:
        [(posted, *_)] = connection.exec_driver_sql(_STATE)
    return int(posted)


def _sample(begin: float, pairs: int) -> Sample:
    with transaction(Deadline.start(), read_only=True) as connection:
        [row] = connection.exec_driver_sql(_STATE)
        closed = row.posted * _MONTHS // pairs
        month = BillingPeriod(2018, max(closed, 1)).first_day
        run = _scan(connection, bill_lines.BILL_RUN, {"period": month})
        bill = _scan(connection, bill_lines.BILL_LINES, {"period": month, "source": "11900000007"})
    return Sample._make([time.perf_counter() - begin, *row, run, bill])


def _scan(connection: Connection, statement: str, values: dict[str, Any]) -> Scan:
    explaining = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}"
    [([explained],)] = connection.exec_driver_sql(explaining, values)
    plan = explained["Plan"]
    buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    lines = round(plan["Actual Rows"])
    # Until the table has been analysed for the first time, the plan may be another.
    return Scan(lines, plan.get("Heap Fetches", lines), buffers)

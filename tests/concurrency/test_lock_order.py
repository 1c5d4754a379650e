"""Locks are taken in one order, whatever order the records come in: no batch waits in a circle."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from app.database.transactions import transaction
from app.domain.call import Call
from app.domain.call_record import StartRecord
from app.domain.suspense import Suspended
from app.limits.deadline import Deadline
from app.store import calls, suspense

NOW = datetime(2018, 2, 3, tzinfo=UTC)
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
WRITERS, ROUNDS, ROWS = 4, 4, 4_000


def write_calls(cursor, numbers):
    starts = [StartRecord(f"{n}", "", NOW, "11987654321", "1133334444", NOW) for n in numbers]
    calls.write(cursor, iter([Call(start.call_id, start) for start in starts]), known=("other",))


def keep_suspended(cursor, numbers):
    suspended = [Suspended(f"{n}".encode(), "unreadable-body", []) for n in numbers]
    suspense.keep(cursor, suspended, NOW)


@pytest.mark.parametrize("write", [write_calls, keep_suspended])
def test_the_same_rows_written_in_other_orders_at_once_do_not_deadlock(app, database, write):
    barrier = threading.Barrier(WRITERS, timeout=20)

    def run(seed):
        chance = random.Random(seed)
        for number in range(ROUNDS):
            rows = [f"{number}-{row}" for row in range(ROWS)]
            chance.shuffle(rows)
            with app.app_context(), transaction(Deadline.start()) as connection:
                connection.exec_driver_sql("SELECT 1")
                barrier.wait()
                write(connection, rows)

    before = database.rows(DEADLOCKS)
    with ThreadPoolExecutor(WRITERS) as pool:
        for each in [pool.submit(run, seed) for seed in range(WRITERS)]:
            each.result()

    assert database.rows(DEADLOCKS) == before

"""Works that race each other, and what the database shows of a race."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from tests.conftest import Database

T = TypeVar("T")

NOW = datetime(2018, 2, 3, tzinfo=UTC)
PRICES = "SELECT price_cents, count(*) FROM calls GROUP BY 1"
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def together(*works: Callable[[], T]) -> list[T]:
    """Run `works`, each on a thread and so a connection of its own, released at one instant."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [each.result() for each in [pool.submit(run, work) for work in works]]


def wait_until_blocked(database: "Database") -> None:
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
    for _ in range(1000):
        if database.rows(waiting):
            return
    raise AssertionError("the second sender never waited")

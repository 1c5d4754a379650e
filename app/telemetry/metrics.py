"""What is counted while the service works, in the form of Prometheus.

Under gunicorn each worker counts in files that all of them read (`share_between_workers`). What
only the database knows is read at each scrape (`app/api/metrics.py`).
"""

import os
import shutil
import socket
import tempfile
from collections import Counter as Counted
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import psutil
from flask import current_app
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    generate_latest,
    multiprocess,
    values,
)
from prometheus_client.registry import Collector

from app.domain.call import Reason, Verdict
from app.domain.checks import count_long_and_old
from app.domain.delivery import Outcome

_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"  # The library's own name for it.
# From a quick single record to the longest that an answer may take.
_BUCKETS_SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25)


class Metrics:
    """The metrics of one service. No label has a value that a sender can choose."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._records = _record_counters(self.registry)
        self.calls_priced = Counter(
            "pulso_calls_priced",
            "Calls priced: by the intake, by a retry, or by reconcile.",
            registry=self.registry,
        )
        self.long_calls = Counter(
            "pulso_long_calls",
            "Priced calls that lasted longer than 4 hours; a switch may have lost their ends.",
            registry=self.registry,
        )
        self.old_calls = Counter(
            "pulso_old_calls",
            "Priced calls that began more than 90 days before they were complete.",
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "pulso_request_duration_seconds",
            "Seconds from when a thread has a request to when its answer is whole.",
            ["route", "method", "status"],
            registry=self.registry,
            buckets=_BUCKETS_SECONDS,
        )
        self.database_retries = Counter(
            "pulso_database_retries",
            "Attempts that the database did not let through and that were made again.",
            ["sqlstate_class"],
            registry=self.registry,
        )
        self.connections_in_use = Gauge(
            "pulso_database_connections_in_use",
            "Connections to the database that threads are using.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self._requests: dict[tuple[str, str, int], Histogram] = {}

    def count_outcomes(self, outcomes: Iterable[Outcome]) -> None:
        """Count records by their outcome, and the calls that they completed."""
        outcomes = list(outcomes)
        completed = 0
        for (verdict, reason, completes), count in Counted(
            (outcome.verdict, outcome.reason, outcome.completed) for outcome in outcomes
        ).items():
            self._records[verdict, reason].inc(count)
            completed += count if completes else 0
        if completed:
            self.calls_priced.inc(completed)
            calls = (each.call for each in outcomes if each.completed and each.call)
            long, old = count_long_and_old(calls)
            if long:
                self.long_calls.inc(long)
            if old:
                self.old_calls.inc(old)

    def observe_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request and how long it took."""
        labels = route, method, status
        if labels not in self._requests:
            self._requests[labels] = self.request_seconds.labels(*labels)
        self._requests[labels].observe(seconds)

    def exposition(self, others: Iterable[Metric]) -> bytes:
        """Give these metrics, of all workers, and `others`, as Prometheus reads them."""
        counted, given = self.registry, CollectorRegistry()
        if _DIRECTORY in os.environ:
            counted = CollectorRegistry()
            multiprocess.MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
        given.register(_Given(others))
        return generate_latest(counted) + generate_latest(given)


def current_metrics() -> Metrics | None:
    """Return the metrics of the current application; None outside an application."""
    return cast(Metrics, current_app.extensions["pulso_metrics"]) if current_app else None


def count_outcomes(outcomes: Iterable[Outcome]) -> None:
    """Count `outcomes`, which are committed, in the current application's metrics."""
    if metrics := current_metrics():
        metrics.count_outcomes(outcomes)


def _record_counters(
    registry: CollectorRegistry,
) -> dict[tuple[Verdict, Reason | None], Counter]:
    """Give a counter for each thing that can become of a record.

    Found here, it costs half of what it costs by its labels; and a series that begins at zero shows
    its first increase.
    """
    counter = Counter(
        "pulso_records",
        "Records delivered, by what became of them.",
        ["verdict", "reason"],
        registry=registry,
    )
    suspended = [(Verdict.SUSPENDED, reason) for reason in Reason]
    return {
        (verdict, reason): counter.labels(verdict, reason or "")
        for verdict, reason in [(Verdict.STORED, None), (Verdict.DUPLICATE, None), *suspended]
    }


class _Given(Collector):
    """Metrics that are there already."""

    def __init__(self, given: Iterable[Metric]) -> None:
        self._given = given

    def collect(self) -> Iterable[Metric]:
        return self._given


def share_between_workers() -> None:
    """Let all processes forked from this one count together; before any metrics are made."""
    # In memory where possible: on a full disk, writing to a mapped file would kill the worker.
    memory = Path("/dev/shm")  # noqa: S108, the directory in it is this process's own
    parent = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    name = f"pulso-metrics-{socket.gethostname()}-"
    for left in parent.glob(f"{name}*-*"):  # By servers of this machine that were killed.
        process_id = left.name.removeprefix(name).partition("-")[0]
        if process_id.isdecimal() and not psutil.pid_exists(int(process_id)):
            shutil.rmtree(left, ignore_errors=True)
    os.environ[_DIRECTORY] = tempfile.mkdtemp(prefix=f"{name}{os.getpid()}-", dir=parent)
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]


def forget_worker(process_id: int) -> None:
    """Take a worker that has died out of what is in use now; what it counted stays."""
    multiprocess.mark_process_dead(process_id)  # type: ignore[no-untyped-call]
    for counted in Path(os.environ[_DIRECTORY]).glob(f"*_{process_id}.db"):
        if not counted.stat().st_size:
            counted.unlink()  # It died as it made the file, and the library cannot read none.


def stop_sharing() -> None:
    """Remove the files."""
    shutil.rmtree(os.environ.pop(_DIRECTORY), ignore_errors=True)

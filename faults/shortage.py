"""A database that lacks something: connections, or room on its disk."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.settings import Settings
from benchmarks.measure import Row, at_least, at_most
from faults.postgres import Postgres
from faults.trial import NotRun, Trial

_CONNECTIONS_LEFT = 3
_SECONDS, _SECONDS_BETWEEN = 10, 0.05
_DISK_BYTES = 400 << 20
_SECONDS_BEFORE, _SECONDS_FULL = 2, 25
_RECOVERY_SECONDS_MAX = 5
_CONNECTIONS = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND application_name = 'pulso'
"""
_END_ALL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = %s AND application_name = 'pulso'
"""


def too_few_connections(postgres: Postgres) -> list[Row]:
    """Allow the service fewer connections than it has threads, and count what it holds."""
    settings = Settings.from_environ(os.environ)
    trial = Trial(postgres, "too_few_connections")
    with trial.running(), _counted(trial) as counts:
        time.sleep(_SECONDS)
        postgres.rows(f"ALTER DATABASE {trial.name} CONNECTION LIMIT {_CONNECTIONS_LEFT}")
        postgres.rows(_END_ALL, (trial.name,))
        time.sleep(_SECONDS)
        postgres.rows(f"ALTER DATABASE {trial.name} CONNECTION LIMIT -1")
        recovered = trial.seconds_until_stored()
    allowed = settings.web_concurrency * (settings.web_threads + 1) + 2
    return [
        at_most("connections", max(counts), allowed),
        at_most("s until it serves again", recovered, _RECOVERY_SECONDS_MAX),
        *trial.rows,
    ]


@contextmanager
def _counted(trial: Trial) -> Iterator[list[int]]:
    """Count the connections that the service holds, meanwhile."""
    counts: list[int] = []
    is_over = threading.Event()

    def count() -> None:
        with trial.postgres.connect(trial.postgres.superuser_url) as opened:
            while not is_over.wait(_SECONDS_BETWEEN):
                with opened.cursor() as cursor:
                    cursor.execute(_CONNECTIONS, (trial.name,))
                    counts.extend(number for (number,) in cursor)

    counting = threading.Thread(target=count)
    counting.start()
    try:
        yield counts
    finally:
        is_over.set()
        counting.join()


def disk_full(_: Postgres) -> list[Row]:
    """Fill the disk of a PostgreSQL of its own, and make room again."""
    with _small_disk() as folder, Postgres(folder) as postgres:
        trial = Trial(postgres, "disk_full")
        with trial.running():
            time.sleep(_SECONDS_BEFORE)
            filler = folder / "filler"
            _fill(filler)
            time.sleep(_SECONDS_FULL)
            filler.unlink()
            postgres.start()  # Without room for its log it may have ended.
            recovered = trial.seconds_until_stored()
    refused = sum(answer.status == 503 for answer in trial.journal.answers)
    return [
        at_least("answers of 503", refused, 1),
        at_most("s until it serves again", recovered, _RECOVERY_SECONDS_MAX),
        *trial.rows,
    ]


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 12))
        except OSError:
            return  # No space is left.


@contextmanager
def _small_disk() -> Iterator[Path]:
    """Give a folder that is a file system of its own. Raises NotRun where none can be mounted."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES},mode=755", "tmpfs", folder]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            raise NotRun("no file system can be mounted here")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)

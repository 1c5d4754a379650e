"""The command `what-if` on a month of 1,000,000 calls, as staff run it: a process of its own."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from typing import NamedTuple

import psutil

from benchmarks.measure import Row, at_most
from benchmarks.place import HOME, Place
from benchmarks.reading import FILL

_CALLS = 1_000_000
_SAMPLE_SECONDS = 0.02


class _Run(NamedTuple):
    seconds: float
    peak_megabytes: float


def rows_of_what_if(place: Place) -> list[Row]:
    """Measure the seconds of a large month, and how much memory it takes beyond an empty one."""
    url = place.new_database("bench_what_if")
    with place.connect(url) as opened, opened.cursor() as cursor:
        cursor.execute(FILL, {"calls": _CALLS, "subscribers": 5_000})
        cursor.execute("VACUUM ANALYZE calls")
    empty, full = _run(url, "2017-12"), _run(url, "2018-01")
    gained = full.peak_megabytes - empty.peak_megabytes
    return [
        at_most(
            "what-if of 1,000,000 calls, seconds",
            full.seconds,
            60,
            f"of an empty month {empty.seconds:.1f}",
        ),
        at_most(
            "the same: peak memory beyond that of an empty month, MB",
            gained,
            20,
            f"{empty.peak_megabytes:.0f} and {full.peak_megabytes:.0f}",
        ),
    ]


def _run(url: str, period: str) -> _Run:
    options = ["what-if", "--period", period, "--tariff", "1"]
    begin = time.perf_counter()
    command = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app.wsgi", *options],
        cwd=HOME,
        env=os.environ | {"DATABASE_URL": url.replace("+psycopg2", "")},
        stdout=subprocess.DEVNULL,
    )
    peak, process = 0, psutil.Process(command.pid)
    while command.poll() is None:
        with suppress(psutil.NoSuchProcess):
            peak = max(peak, process.memory_info().rss)
        time.sleep(_SAMPLE_SECONDS)
    if command.returncode:
        raise ChildProcessError(f"what-if ended with {command.returncode}")
    return _Run(time.perf_counter() - begin, peak / 1e6)

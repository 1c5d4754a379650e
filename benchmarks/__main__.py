"""`make bench`: measures all in one run, and prints the table that docs/performance.md holds."""

import os
import platform
import subprocess
import sys
from importlib.metadata import version

from app.server import gunicorn_config
from benchmarks.batches import rows_of_batches, rows_of_memory
from benchmarks.measure import Row
from benchmarks.place import HOME, Place, a_place
from benchmarks.reading import rows_of_pdf, rows_of_rating, rows_of_reading
from benchmarks.singles import rows_of_singles
from benchmarks.size import growth, rows_of_size
from benchmarks.vacuum import print_vacuum
from benchmarks.what_if import rows_of_what_if

_PARTS = {
    "singles": rows_of_singles,
    "batches": rows_of_batches,
    "size": rows_of_size,
    "reading": rows_of_reading,
    "pdf": rows_of_pdf,
    "rating": rows_of_rating,
    "memory": rows_of_memory,
    "what-if": rows_of_what_if,
}


def main(wanted: list[str]) -> int:
    """Measure the parts `wanted`, or all but `vacuum`; print a line for each thing measured."""
    parts = wanted or [*_PARTS, "growth"]
    gunicorn_config.spare_garbage_collector()  # What runs in process runs as in a worker.
    with a_place() as place:
        print(f"{_machine(place)}\n\n| what | must reach | reached | |\n| --- | --- | --- | --- |")
        rows = []
        for part in parts:
            for row in _PARTS[part](place) if part in _PARTS else ():
                rows.append(row)
                print(_line(row), flush=True)
        if "growth" in parts:
            _print_growth(place)
        if "vacuum" in parts:
            print_vacuum(place)
    return 0 if all(row.is_reached for row in rows) else 1


def _line(row: Row) -> str:
    sign = "≥" if row.is_floor else "≤"
    verdict = "" if row.is_reached else " **not reached**"
    return f"| {row.what} | {sign} {row.bar:g} | {row.value:.2f}{verdict} | {row.remark} |"


def _print_growth(place: Place) -> None:
    print("\n| calls in the table | records a second, best | median |\n| --- | --- | --- |")
    for millions, best, median in growth(place, (0, 1, 10)):
        print(
            f"| {millions * 1_000_000:,} | {10_000 / best:,.0f} | {10_000 / median:,.0f} |",
            flush=True,
        )


def _machine(place: Place) -> str:
    with place.connect(place.superuser_url) as opened:
        server = opened.info.parameter_status("server_version")
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("flask", "gunicorn", "psycopg2-binary")
    )
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python"
        f" {platform.python_version()}, PostgreSQL {server}, {libraries}, commit"
        f" {commit.stdout.strip()}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

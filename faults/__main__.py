"""`python -m faults [names]`: does the harm, checks, and prints a line for each fault."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Row
from faults.away import down, down_at_boot, frozen, read_only
from faults.bill_runs import bill_runs_killed
from faults.cuts import cut
from faults.database import killed, killed_careless, terminated
from faults.postgres import Postgres
from faults.processes import replaced, workers_killed
from faults.races import released_together, shuffled
from faults.releases import behind_nginx
from faults.shortage import disk_full, too_few_connections
from faults.trial import NotRun

_FAULTS: dict[str, Callable[[Postgres], list[Row]]] = {
    "workers-killed": workers_killed,
    "postgres-killed": killed,
    "control": killed_careless,
    "connections-terminated": terminated,
    "connections-cut": cut,
    "down-at-boot": down_at_boot,
    "down": down,
    "frozen": frozen,
    "read-only": read_only,
    "service-replaced": replaced,
    "behind-nginx": behind_nginx,
    "bill-runs-killed": bill_runs_killed,
    "too-few-connections": too_few_connections,
    "disk-full": disk_full,
    "released-together": released_together,
    "shuffled": shuffled,
}


def main(wanted: list[str]) -> int:
    """Do the faults `wanted`, or all; give 1 if a bar is not reached."""
    print("| fault | bar | reached | |\n| --- | --- | --- | --- |")
    is_reached = True
    with (
        tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder,
        Postgres(Path(folder)) as postgres,
    ):
        for name in wanted or _FAULTS:
            try:
                rows = _FAULTS[name](postgres)
            except NotRun as reason:
                print(f"| {name} | | {reason} | NOT RUN |", flush=True)
                continue
            is_reached &= all(row.is_reached for row in rows)
            print(_line(name, rows), flush=True)
    return 0 if is_reached else 1


def _line(name: str, rows: list[Row]) -> str:
    bars = ", ".join(f"{row.what} {_bar(row)}" for row in rows)
    reached = ", ".join(f"{row.what} {_number(row.value)}" for row in rows)
    missed = [row for row in rows if not row.is_reached]
    verdict = (
        " ".join(["**NOT REACHED**", *filter(None, (row.remark for row in missed))])
        if missed
        else "ok"
    )
    return f"| {name} | {bars} | {reached} | {verdict} |"


def _bar(row: Row) -> str:
    if row.is_floor:
        return f"≥ {_number(row.bar)}"
    return f"≤ {_number(row.bar)}" if row.bar else "0"


def _number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

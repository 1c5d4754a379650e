"""Bill runs as a client reads them: one without its last line was cut off."""

import csv
import io
import json
from typing import Any

END = {"complete": True, "bills": 0, "calls": 0, "total_amount": "0.00", "unpriced_calls": 0}


def bills_of(text: str) -> list[dict[str, Any]]:
    """Return the bills, or totals, of a run as NDJSON, once its last line says it is whole."""
    *bills, end = map(json.loads, text.splitlines())
    assert end.keys() == END.keys()
    assert (end["complete"], end["bills"]) == (True, len(bills))
    return bills


def rows_of(text: str) -> list[dict[str, Any]]:
    """Return the rows of a run as CSV, once its last row says it is whole."""
    *rows, end = csv.DictReader(io.StringIO(text))
    assert [*end.values()][::2][:3] == ["complete", f"{len(bills_in(rows))}", f"{calls_in(rows)}"]
    return rows


def bills_in(rows: list[dict[str, Any]]) -> set[str]:
    return {row["subscriber"] for row in rows}


def calls_in(rows: list[dict[str, Any]]) -> int:
    return sum(int(row.get("call_count", 1)) for row in rows)

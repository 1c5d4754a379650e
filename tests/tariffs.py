"""The first tariff, as the oracle has it, and tariffs beside it, as tests need them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time
from decimal import Decimal
from typing import Any

from tests.unit.oracle import Band

FIRST_TARIFF = [
    Band(time(6), Decimal("0.36"), Decimal("0.09")),
    Band(time(22), Decimal("0.36"), Decimal("0.00")),
]

_GUARDS = [
    ("tariffs", "tariffs_frozen"),
    ("tariffs", "tariffs_audited_insert"),
    ("time_bands", "time_bands_frozen"),
]


@contextmanager
def published(
    database: Any, name: str, effective_from: Any, minute_rate: Any, *, currency: str = "BRL"
) -> Iterator[int]:
    """A tariff of one band, as if it had been published in time; the owner can take it back."""
    with database.connect() as opened, opened.cursor() as cursor:
        for table, guard in _GUARDS:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {guard}")
        cursor.execute(
            """
            INSERT INTO tariffs (name, effective_from, time_zone, currency)
            VALUES (%s, %s, 'UTC', %s) RETURNING id
            """,
            (name, effective_from, currency),
        )
        [(tariff_id,)] = cursor
        cursor.execute(
            "INSERT INTO time_bands VALUES (%s, '00:00', 'always', 1, %s)", (tariff_id, minute_rate)
        )
        try:
            yield tariff_id
        finally:
            cursor.execute("ALTER TABLE calls DISABLE TRIGGER calls_frozen; DELETE FROM calls")
            cursor.execute("DELETE FROM time_bands WHERE tariff_id = %s", (tariff_id,))
            cursor.execute("DELETE FROM tariffs WHERE id = %s", (tariff_id,))
            for table, guard in [*_GUARDS, ("calls", "calls_frozen")]:
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {guard}")

"""The statements on `tariffs` and their `time_bands`."""

from datetime import datetime
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

from app.db import Cursor
from app.domain.tariff import Tariff, TimeBand

_ALL = """
    SELECT tariffs.id, tariffs.name, effective_from, time_zone, currency,
           time_bands.name, starts_at, standing_charge, minute_rate
    FROM tariffs JOIN time_bands ON time_bands.tariff_id = tariffs.id
    ORDER BY effective_from, starts_at
"""


def read_all(cursor: Cursor) -> tuple[list[Tariff], datetime]:
    """Give all tariffs and the instant, by the database's clock, as of which they are all."""
    cursor.execute("SELECT statement_timestamp()")
    [(read_at,)] = cursor
    cursor.execute(_ALL)
    tariffs = []
    for head, rows in groupby(cursor, key=itemgetter(slice(5))):
        tariff_id, name, effective_from, time_zone, currency = head
        bands = tuple(TimeBand.of(*row[5:]) for row in rows)
        tariffs.append(
            Tariff(tariff_id, name, effective_from, ZoneInfo(time_zone), currency, bands)
        )
    return tariffs, read_at

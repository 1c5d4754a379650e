"""The statements on `tariffs` and their `time_bands`."""

from datetime import datetime
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.database.statements import driver_cursor
from app.domain.money import exact_text
from app.domain.tariff import Tariff, TariffDraft, TimeBand
from app.limits import times

_ALL = """
    SELECT tariffs.id, tariffs.name, effective_from, time_zone, currency,
           time_bands.name, starts_at, standing_charge, minute_rate
    FROM tariffs JOIN time_bands ON time_bands.tariff_id = tariffs.id
    ORDER BY effective_from, starts_at
"""
_INSERT = """
    INSERT INTO tariffs (name, effective_from, time_zone, currency) VALUES (%s, %s, %s, %s)
    RETURNING id
"""
_INSERT_BANDS = """
    INSERT INTO time_bands (tariff_id, name, starts_at, standing_charge, minute_rate)
    SELECT %s, * FROM unnest(%s::text[], %s::time[], %s::numeric[], %s::numeric[])
"""


def read_all(connection: Connection) -> tuple[list[Tariff], datetime]:
    """Give all tariffs and the instant, by the database's clock, as of which they are all."""
    cursor = driver_cursor(connection)
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


def lock(connection: Connection) -> None:
    """Keep everybody else from reading or writing tariffs until this transaction ends."""
    cursor = driver_cursor(connection)
    # Who reads tariffs waits behind one who waits for this lock, so the wait must be short; a batch
    # of the intake that has just read them, and would hold it up, takes less.
    cursor.execute(f"SET LOCAL lock_timeout = '{times.TARIFFS_LOCK_SECONDS_MAX}s'")
    cursor.execute("LOCK TABLE tariffs IN ACCESS EXCLUSIVE MODE")


def insert(connection: Connection, draft: TariffDraft) -> Tariff:
    """Add `draft` to the tariffs, and give it with its id."""
    cursor = driver_cursor(connection)
    cursor.execute(_INSERT, (draft.name, draft.effective_from, draft.zone.key, draft.currency))
    [(tariff_id,)] = cursor
    cursor.execute(
        _INSERT_BANDS,
        (
            tariff_id,
            [band.name for band in draft.bands],
            [band.starts_at for band in draft.bands],
            [exact_text(band.standing_charge) for band in draft.bands],
            [exact_text(band.minute_rate) for band in draft.bands],
        ),
    )
    return draft.with_id(tariff_id)


def delete(connection: Connection, tariff_id: int) -> None:
    """Delete a tariff and its bands; the database refuses it for one that has begun."""
    cursor = driver_cursor(connection)
    cursor.execute("DELETE FROM time_bands WHERE tariff_id = %s", (tariff_id,))
    cursor.execute("DELETE FROM tariffs WHERE id = %s", (tariff_id,))

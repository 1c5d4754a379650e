"""The statements on `tariffs` and their `time_bands`."""

from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select

from app.database import models
from app.database.statements import RowsParameter, set_local
from app.domain.money import exact_text
from app.domain.tariff import Tariff, TariffDraft, TimeBand
from app.limits import times

_NOW = select(func.statement_timestamp())
_ALL = (
    select(
        models.Tariff.__table__,
        models.TimeBand.name.label("band_name"),
        models.TimeBand.starts_at,
        models.TimeBand.standing_charge,
        models.TimeBand.minute_rate,
    )
    .join(models.TimeBand)
    .order_by(models.Tariff.effective_from, models.TimeBand.starts_at)
)
_BANDS = RowsParameter(
    "bands", models.TimeBand, "name", "starts_at", "standing_charge", "minute_rate"
)
_INSERT_BANDS = insert(models.TimeBand).from_select(
    ["tariff_id", *_BANDS.columns.keys()],
    select(bindparam("of_tariff", type_=models.TimeBand.tariff_id.type), _BANDS.rows),
)


def read_all(connection: Connection) -> tuple[list[Tariff], datetime]:
    """Return all tariffs, and the instant by the database's clock at which the list is complete."""
    read_at = connection.execute(_NOW).scalar_one()
    tariffs = []
    for _, rows in groupby(connection.execute(_ALL), key=attrgetter("id")):
        bands = list(rows)
        head = bands[0]
        tariffs.append(
            Tariff(
                tariff_id=head.id,
                name=head.name,
                effective_from=head.effective_from,
                zone=ZoneInfo(head.time_zone),
                currency=head.currency,
                bands=tuple(map(_band, bands)),
            )
        )
    return tariffs, read_at


def _band(row: Row[Any]) -> TimeBand:
    return TimeBand.of(row.band_name, row.starts_at, row.standing_charge, row.minute_rate)


def lock(connection: Connection) -> None:
    """Keep every other session from reading or writing tariffs until this transaction ends."""
    # Readers queue behind a session that waits for this lock, so its wait must be short; a batch of
    # the intake that has just read them, and would hold it up, takes less.
    set_local(connection, lock_timeout=f"{times.TARIFFS_LOCK_SECONDS_MAX}s")
    connection.exec_driver_sql("LOCK TABLE tariffs IN ACCESS EXCLUSIVE MODE")


def add(connection: Connection, draft: TariffDraft) -> Tariff:
    """Insert `draft`, and return the tariff with its id."""
    tariff_id = connection.execute(
        insert(models.Tariff)
        .values(
            name=draft.name,
            effective_from=draft.effective_from,
            time_zone=draft.zone.key,
            currency=draft.currency,
        )
        .returning(models.Tariff.id)
    ).scalar_one()
    bands = _BANDS.values(
        (
            band.name,
            band.starts_at,
            Decimal(exact_text(band.standing_charge)),
            Decimal(exact_text(band.minute_rate)),
        )
        for band in draft.bands
    )
    connection.execute(_INSERT_BANDS, {"of_tariff": tariff_id} | bands)
    return draft.with_id(tariff_id)


def remove(connection: Connection, tariff_id: int) -> None:
    """Delete a tariff and its bands; the database refuses that for a tariff that has begun."""
    connection.execute(delete(models.TimeBand).where(models.TimeBand.tariff_id == tariff_id))
    connection.execute(delete(models.Tariff).where(models.Tariff.id == tariff_id))

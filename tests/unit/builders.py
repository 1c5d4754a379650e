"""Builders of the values that tests speak of: keyword-only, with defaults, touching no database."""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.domain.bill import Bill, BillLine
from app.domain.call_record import EndRecord, StartRecord
from app.domain.money import Cents
from app.domain.period import BillingPeriod
from app.domain.tariff import Tariff, TariffBook, TimeBand

UTC_ZONE = ZoneInfo("UTC")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")
LISBON = ZoneInfo("Europe/Lisbon")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


def at(text: str, zone: ZoneInfo = UTC_ZONE, *, fold: int = 0) -> datetime:
    """Give the instant, in UTC, at which the wall clock of `zone` shows `text`."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def a_band(
    *,
    name: str = "standard",
    starts_at: str = "06:00:00",
    standing_charge: str = "0.36",
    minute_rate: str = "0.09",
) -> TimeBand:
    return TimeBand.of(
        name, time.fromisoformat(starts_at), Decimal(standing_charge), Decimal(minute_rate)
    )


def standard_and_reduced() -> tuple[TimeBand, ...]:
    return (
        a_band(),
        a_band(name="reduced", starts_at="22:00:00", minute_rate="0.00"),
    )


def a_tariff(
    *,
    tariff_id: int = 1,
    name: str = "first",
    effective_from: str = "1970-01-01 00:00:00",
    zone: ZoneInfo = UTC_ZONE,
    bands: Iterable[TimeBand] | None = None,
) -> Tariff:
    return Tariff(
        tariff_id,
        name,
        at(effective_from),
        zone,
        "BRL",
        standard_and_reduced() if bands is None else tuple(bands),
    )


def a_start(
    *,
    call_id: str = "70",
    record_id: str = "1",
    started_at: str = "2016-02-29 12:00:00",
    source: str = "99988526423",
    destination: str = "9993468278",
    received_at: str = "2016-02-29 14:00:01",
) -> StartRecord:
    return StartRecord(call_id, record_id, at(started_at), source, destination, at(received_at))


def an_end(
    *,
    call_id: str = "70",
    record_id: str = "2",
    ended_at: str = "2016-02-29 14:00:00",
    received_at: str = "2016-02-29 14:00:01",
) -> EndRecord:
    return EndRecord(call_id, record_id, at(ended_at), at(received_at))


def a_line(
    *,
    call_id: str = "70",
    destination: str = "9993468278",
    started_at: str = "2017-12-11 15:07:13",
    ended_at: str = "2017-12-11 15:14:56",
    price: int = 99,
    priced_at: str = "2017-12-11 15:14:57",
) -> BillLine:
    return BillLine(call_id, destination, at(started_at), at(ended_at), Cents(price), at(priced_at))


def a_bill(
    *,
    period: str = "2017-12",
    zone: ZoneInfo = UTC_ZONE,
    lines: Iterable[BillLine] = (),
    tariffs: Iterable[Tariff] | None = None,
) -> Bill:
    book = TariffBook.of([a_tariff()] if tariffs is None else tariffs, at("2100-01-01 00:00:00"))
    return Bill("99988526423", None, BillingPeriod.read(period), zone, book, "BRL", tuple(lines), 0)

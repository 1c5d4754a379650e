"""What must be true of the database after every test, whatever it did."""

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from app.api.readers import read_kept
from app.database import models
from app.domain.call import Call
from app.domain.call_record import CallRecord, StartRecord
from app.domain.period import BillingPeriod
from app.domain.rating import rate_call
from app.domain.tariff import TariffBook
from app.schemas.call_records import CallRecordReader
from app.services.suspense_retry import PASSING
from app.store import calls, open_calls, tariffs


def audit(connection: Connection, billing_zone: ZoneInfo) -> None:
    """Fail if a complete call has no price or a wrong one, or a record is in two places."""
    assert open_calls.complete_and_unpriced(connection, 10) == []
    book = TariffBook.of(*tariffs.read_all(connection))
    stored = calls.look_up(connection, connection.scalars(select(models.Call.call_id)).all())
    for call in stored.values():
        if call.price is not None:
            assert call.start is not None and call.end is not None
            tariff = book.in_force_at(call.start.started_at)
            assert tariff is not None
            rated = rate_call(call.start.started_at, call.end.ended_at, tariff)
            assert (call.price.cents, call.price.tariff_id) == (rated.price, tariff.tariff_id)
            assert call.price.period == BillingPeriod.of(call.end.ended_at, billing_zone)
            assert call.price.priced_at.tzinfo in (UTC, ZoneInfo("UTC"))
    reader = CallRecordReader(billing_zone)
    suspended = models.SuspendedRecord
    for row in connection.execute(select(suspended).where(suspended.resolved_at.is_(None))):
        deliveries = read_kept(row.received, row.received_at, reader=reader)
        # Those that pass by themselves wait for `reconcile`.
        if row.reason not in PASSING and len(deliveries) == 1 and deliveries[0].record:
            _assert_not_stored_too(deliveries[0].record, row.reason, stored)


def _assert_not_stored_too(record: CallRecord, reason: str, stored: dict[str, Call]) -> None:
    call = stored.get(record.call_id, Call(record.call_id))
    half: Any = call.start if isinstance(record, StartRecord) else call.end
    assert half or reason != "conflicting-record", "a conflict is with a half that is stored"
    assert not (half and half.says_the_same(record)), "a stored record is in suspense too"

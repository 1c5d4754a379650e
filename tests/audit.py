"""What must be true of the database after every test, whatever it did."""

from datetime import UTC
from zoneinfo import ZoneInfo

from psycopg2.extensions import connection

from app.api.readers import read_kept
from app.domain.call import Call
from app.domain.call_record import CallRecord, StartRecord
from app.domain.period import BillingPeriod
from app.domain.rating import rate_call
from app.domain.tariff import TariffBook
from app.schemas.call_records import CallRecordReader
from app.services.suspense_retry import PASSING
from app.store import calls, tariffs


def audit(opened: connection, billing_zone: ZoneInfo) -> None:
    """Fail if a complete call has no price or a wrong one, or a record is in two places."""
    with opened.cursor() as cursor:
        assert calls.complete_and_unpriced(cursor, 10) == []
        book = TariffBook.of(*tariffs.read_all(cursor))
        cursor.execute("SELECT call_id FROM calls")
        stored = calls.look_up(cursor, [call_id for (call_id,) in cursor])
        for call in stored.values():
            if call.price is not None:
                tariff = book.in_force_at(call.start.started_at)
                rated = rate_call(call.start.started_at, call.end.ended_at, tariff)
                assert (call.price.cents, call.price.tariff_id) == (rated.price, tariff.tariff_id)
                assert call.price.period == BillingPeriod.of(call.end.ended_at, billing_zone)
                assert call.price.priced_at.tzinfo in (UTC, ZoneInfo("UTC"))
        cursor.execute(
            "SELECT received, reason, received_at FROM suspense WHERE resolved_at IS NULL"
        )
        reader = CallRecordReader(billing_zone)
        for received, reason, received_at in cursor:
            deliveries = read_kept(bytes(received), received_at, reader=reader)
            # Those that pass by themselves wait for `reconcile`.
            if reason not in PASSING and len(deliveries) == 1 and deliveries[0].record:
                _assert_not_stored_too(deliveries[0].record, reason, stored)


def _assert_not_stored_too(record: CallRecord, reason: str, stored: dict[str, Call]) -> None:
    call = stored.get(record.call_id, Call(record.call_id))
    half = call.start if isinstance(record, StartRecord) else call.end
    assert half or reason != "conflicting-record", "a conflict is with a half that is stored"
    assert not (half and half.says_the_same(record)), "a stored record is in suspense too"

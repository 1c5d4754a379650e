"""What must be true of the database after every test, whatever it did."""

import json
from datetime import UTC
from zoneinfo import ZoneInfo

from psycopg2.extensions import connection

from app.domain.period import BillingPeriod
from app.domain.rating import rate_call
from app.domain.tariff import TariffBook
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
        cursor.execute("SELECT received FROM suspense WHERE reason = 'conflicting-record'")
        for (received,) in cursor:
            _assert_not_stored_too(json.loads(bytes(received)), stored)


def _assert_not_stored_too(record: dict[str, str], stored: dict[str, calls.Call]) -> None:
    call = stored[str(record.get("call_id", record["id"])).strip()]
    half = call.start if record["type"].lower() == "start" else call.end
    assert half is not None, "a conflict is with a half that is stored"
    said = [half.timestamp.strftime("%Y-%m-%dT%H:%M:%SZ"), *half[3:5]]
    heard = [record["timestamp"], record.get("source"), record.get("destination")]
    assert said[: len(half) - 3] != heard[: len(half) - 3], "a stored record is in suspense too"

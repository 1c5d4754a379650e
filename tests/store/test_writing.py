"""What the store makes of many calls at once: rows by COPY, taken one by one while it is read."""

from datetime import UTC, datetime

import pytest

from app.db import transaction
from app.domain.call import Call, Price
from app.domain.call_record import EndRecord, StartRecord
from app.domain.money import Cents
from app.domain.period import BillingPeriod
from app.store import calls

NOW = datetime(2018, 2, 3, 4, 5, 6, 7, tzinfo=UTC)
# What CSV, JSON or COPY's other form would take for a null, an end, a quote or a new row.
AWKWARD = ["null", "NULL", "\\N", "\\.", '"', '""', "],[", "]", ",", "\\", '\\"', "a b", "a|b;c\\n"]


def a_call(call_id):
    return Call(call_id, StartRecord(call_id, call_id, NOW, "11987654321", "1133334444", NOW))


def ended(call):
    end = EndRecord(call.call_id, call.call_id, NOW, NOW)
    return call._replace(end=end, price=Price(Cents(36), 1, BillingPeriod(2018, 2), NOW))


@pytest.fixture
def cursor(app, database):
    with app.app_context(), transaction() as statements:
        yield statements


@pytest.mark.parametrize("likely_new", [True, False])
def test_calls_come_back_as_they_were_written_whatever_their_ids_are(cursor, likely_new):
    written = [a_call(each) if n % 2 else ended(a_call(each)) for n, each in enumerate(AWKWARD)]
    written.sort()

    assert calls.write(cursor, written, likely_new=likely_new) == set(AWKWARD)
    assert calls.look_up(cursor, AWKWARD) == {call.call_id: call for call in written}

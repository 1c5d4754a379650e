"""How calls are written, by prepared statements and by COPY, and how they are read back."""

from datetime import UTC, datetime

import pytest

from app.database.transactions import transaction
from app.domain.call import Call, Price
from app.domain.call_record import EndRecord, StartRecord
from app.domain.money import Cents
from app.domain.period import BillingPeriod
from app.limits.deadline import Deadline
from app.store import calls
from tests.factories import a_start, an_end
from tests.intake import accept

NOW = datetime(2018, 2, 3, 4, 5, 6, 7, tzinfo=UTC)
# What CSV, JSON or COPY's other form would take for a null, an end, a quote or a new row.
AWKWARD = ["null", "NULL", "\\N", "\\.", '"', '""', "],[", "]", ",", "\\", '\\"', "a b", "a|b;c\\n"]


def a_call(call_id):
    return Call(call_id, StartRecord(call_id, call_id, NOW, "11987654321", "1133334444", NOW))


def ended(call):
    end = EndRecord(call.call_id, call.call_id, NOW, NOW)
    return call._replace(end=end, price=Price(Cents(36), 1, BillingPeriod(2018, 2), NOW))


@pytest.fixture
def connection(app, database):
    with app.app_context(), transaction(Deadline.start()) as opened:
        yield opened


@pytest.mark.parametrize("known", [(), ("other",)], ids=["none-known", "some-known"])
def test_calls_come_back_as_they_were_written_whatever_their_ids_are(connection, known):
    written = [a_call(each) if n % 2 else ended(a_call(each)) for n, each in enumerate(AWKWARD)]
    written.sort()

    assert calls.write(connection, iter(written), known=known) == set()
    assert calls.look_up(connection, AWKWARD) == {call.call_id: call for call in written}


@pytest.mark.parametrize("number", range(calls.FEW + 2))
def test_few_are_written_and_found_as_many_are(connection, number):
    written = sorted(a_call(each) for each in AWKWARD[:number])

    assert calls.write(connection, iter(written), known=()) == set()
    assert calls.look_up(connection, AWKWARD[:number]) == {call.call_id: call for call in written}


OTHER_START = Call("5", StartRecord("5", "5", NOW, "11900000000", "1133334444", NOW))
OTHER_END = Call("5", end=EndRecord("5", "other", NOW, NOW))


@pytest.mark.parametrize("there", [OTHER_START, OTHER_END])
@pytest.mark.parametrize("known", [(), ("other",)], ids=["none-known", "some-known"])
@pytest.mark.parametrize("numbers", [range(5, 6), range(4, 7), range(10)])
def test_a_call_that_stands_otherwise_is_passed_over_and_its_neighbours_are_written(
    connection, there, numbers, known
):
    calls.write(connection, iter([there]), known=())
    offered = [ended(a_call(f"{number}")) for number in numbers]

    assert calls.write(connection, iter(offered), known=known) == {"5"}

    found = calls.look_up(connection, [call.call_id for call in offered])
    assert found == {call.call_id: call for call in offered} | {"5": there}


def test_a_worker_whose_first_batch_is_ends_reads_its_tariffs_before_it_writes(app, database):
    accept(app, a_start("1"), a_start("2"))
    app.extensions["pulso_pricing"]._book = None

    outcomes = accept(app, an_end("1"), an_end("2"))

    assert [outcome.call.price.cents for outcome in outcomes] == [396, 396]

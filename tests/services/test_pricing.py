"""Pricing: the tariff in force at the start, read in time by every process."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from app.database.transactions import transaction
from app.limits.deadline import Deadline
from tests.factories import a_start, an_end
from tests.intake import accept
from tests.tariffs import published

NOW = datetime.now(UTC)
SKEW = timedelta(hours=1)


def cents(outcomes):
    return [outcome.call.price.cents for outcome in outcomes if outcome.completed]


def test_a_call_is_priced_by_the_tariff_at_its_start_whenever_it_comes(app, database):
    with published(database, "later", "2018-06-01T12:00:00Z", 1):
        before = a_start("a", "2018-06-01T11:59:59.999999Z"), an_end("a", "2018-06-01T12:10:00Z")
        after = a_start("b", "2018-06-01T12:00:00Z"), an_end("b", "2018-06-01T12:10:00Z")

        assert cents(accept(app, *before, now=NOW)) == [126]
        assert cents(accept(app, *after, now=NOW)) == [1100]


def test_tariffs_read_before_a_publication_still_price_right(app, database):
    """A call that starts until the book is complete cannot be under a tariff published since."""
    pricing = app.extensions["pulso_pricing"]
    accept(app, a_start("warm"), now=NOW)
    last_known = pricing._book.complete_until
    start = last_known + timedelta(milliseconds=1)
    with published(database, "new", last_known + timedelta(microseconds=1), 1):
        accept(app, a_start("old", last_known.isoformat()), now=NOW + SKEW)
        assert pricing._book.complete_until == last_known, "nothing forced a new look"

        time.sleep(0.002)
        records = a_start("70", start.isoformat()), an_end("70", start.isoformat())
        assert cents(accept(app, *records, now=NOW + SKEW)) == [100]


def test_the_start_that_counts_may_have_come_to_another_process(app, database):
    """The end arrives here; the start, later than these tariffs know, was stored elsewhere."""
    pricing = app.extensions["pulso_pricing"]
    start = datetime.now(UTC) + SKEW - timedelta(minutes=1)
    accept(app, a_start("70", start.isoformat()), now=NOW + SKEW)
    with app.app_context(), transaction(Deadline.start()) as connection:
        stale = pricing.book_for(connection, NOW)._replace(complete_until=NOW)
    with published(database, "new", NOW + timedelta(minutes=30), 1):
        pricing._book = stale
        end = an_end("70", (start + timedelta(minutes=1)).isoformat())
        assert cents(accept(app, end, now=NOW + 2 * SKEW)) == [200]


def test_a_start_before_the_first_tariff_waits_in_suspense(app, database):
    with database.connect() as opened, opened.cursor() as cursor:
        cursor.execute("ALTER TABLE tariffs DISABLE TRIGGER tariffs_frozen")
        cursor.execute("UPDATE tariffs SET effective_from = '2018-01-01Z'")
        outcomes = accept(app, a_start("70", "2017-12-31T23:59:59Z"), an_end("70"))
        cursor.execute("UPDATE tariffs SET effective_from = '1970-01-01Z'")
        cursor.execute("ALTER TABLE tariffs ENABLE ALWAYS TRIGGER tariffs_frozen")

    assert [outcome.reason for outcome in outcomes] == ["no-tariff", None]


@pytest.mark.parametrize(
    ("ahead", "reason"),
    [(SKEW, None), (SKEW + timedelta(microseconds=1), "in-the-future")],
)
def test_how_far_a_record_may_be_ahead_of_the_clock(app, ahead, reason):
    [outcome] = accept(app, an_end("70", (NOW + ahead).isoformat()), now=NOW)

    assert outcome.reason == reason


@pytest.mark.parametrize(("seconds", "reason"), [(-1, None), (1, "in-the-future")])
def test_a_start_may_be_ahead_of_the_databases_clock_whatever_ours_says(app, seconds, reason):
    """Publication goes by that clock; ours may be ahead of it."""
    start = datetime.now(UTC) + SKEW + timedelta(seconds=seconds)

    [outcome] = accept(app, a_start("70", start.isoformat()), now=NOW + 2 * SKEW)

    assert outcome.reason == reason

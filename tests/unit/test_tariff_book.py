"""What may join the tariffs, what may leave them, and where each stands (rule 9)."""

from datetime import timedelta

import pytest

from app.domain.errors import InvalidTariff, TariffExists, TariffInUse
from app.domain.tariff import TariffBook, TariffDraft
from tests.unit.builders import UTC_ZONE, a_tariff, at, standard_and_reduced

MICROSECOND = timedelta(microseconds=1)
COMPLETE_UNTIL = at("2018-01-01 00:00:00")
FIRST = a_tariff(tariff_id=1)
NEXT = a_tariff(tariff_id=2, effective_from="2018-02-01 00:00:00")
LAST = a_tariff(tariff_id=3, effective_from="2018-03-01 00:00:00")
BOOK = TariffBook.of([FIRST, NEXT, LAST], COMPLETE_UNTIL)


def a_draft(effective_from, currency="BRL"):
    return TariffDraft("new", effective_from, UTC_ZONE, currency, standard_and_reduced())


def errors_of(draft, book=BOOK):
    with pytest.raises(InvalidTariff) as refusal:
        book.check_publishable(draft)
    return [each["pointer"] for each in refusal.value.members["errors"]]


def test_what_begins_later_than_calls_may_have_been_priced_can_join():
    BOOK.check_publishable(a_draft(COMPLETE_UNTIL + MICROSECOND))


@pytest.mark.parametrize("effective_from", [COMPLETE_UNTIL, at("1970-01-01 00:00:00")])
def test_what_begins_earlier_cannot_join(effective_from):
    assert errors_of(a_draft(effective_from)) == ["/effective_from"]


def test_all_tariffs_have_one_currency():
    assert errors_of(a_draft(COMPLETE_UNTIL + MICROSECOND, "EUR")) == ["/currency"]
    assert errors_of(a_draft(COMPLETE_UNTIL, "EUR")) == ["/effective_from", "/currency"]
    TariffBook.of([], COMPLETE_UNTIL).check_publishable(
        a_draft(COMPLETE_UNTIL + MICROSECOND, "EUR")
    )


def test_two_tariffs_cannot_begin_at_once():
    with pytest.raises(TariffExists):
        BOOK.check_publishable(a_draft(NEXT.effective_from))


def test_what_no_call_can_have_been_priced_by_can_leave():
    BOOK.check_withdrawable(NEXT)


@pytest.mark.parametrize("complete_until", [NEXT.effective_from, LAST.effective_from])
def test_what_a_call_may_have_been_priced_by_cannot_leave(complete_until):
    with pytest.raises(TariffInUse):
        BOOK._replace(complete_until=complete_until).check_withdrawable(NEXT)


@pytest.mark.parametrize(
    ("now", "states"),
    [
        ("2018-01-31 23:59:59.999999", ["in-force", "future", "future"]),
        ("2018-02-01 00:00:00", ["past", "in-force", "future"]),
        ("2018-03-01 00:00:00", ["past", "past", "in-force"]),
    ],
)
def test_where_a_tariff_stands(now, states):
    assert [BOOK.state_of(each, at(now)) for each in BOOK.tariffs] == states

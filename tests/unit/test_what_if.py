"""Summing up a what-if: one pass over the calls, and what it comes to."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Cents
from app.domain.what_if import LARGEST_MAX, ComparedCall, WhatIf


def compared(*prices):
    return [
        ComparedCall(f"{number}", "99988526423", Cents(frozen), Cents(under_tariff))
        for number, (frozen, under_tariff) in enumerate(prices)
    ]


def test_it_says_how_many_calls_are_dearer_cheaper_and_the_same():
    what_if = WhatIf(compared((36, 100), (81, 80), (90, 36), (36, 36)))

    assert (what_if.count, what_if.dearer, what_if.cheaper, what_if.same) == (4, 1, 2, 1)
    assert (what_if.frozen, what_if.under_tariff, what_if.difference) == (243, 252, 9)


def test_of_no_calls_it_is_nothing():
    what_if = WhatIf([])

    assert (what_if.count, what_if.frozen, what_if.difference, what_if.largest) == (0, 0, 0, [])


def test_of_equal_differences_the_first_come_first():
    what_if = WhatIf(compared((36, 37), (36, 35), (36, 36), (36, 40), (36, 37)))

    assert [call.call_id for call in what_if.largest] == ["3", "0", "1", "4"]


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=80))
def test_it_is_what_sorting_and_adding_up_gives(prices):
    calls = compared(*prices)

    what_if = WhatIf(iter(calls))

    assert what_if.difference == sum(under for _, under in prices) - sum(was for was, _ in prices)
    different = [call for call in calls if call.difference]
    different.sort(key=lambda call: abs(call.difference), reverse=True)
    assert what_if.largest == different[:LARGEST_MAX]

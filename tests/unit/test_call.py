"""How records come together in a call (rules 1, 3 and 7)."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.call import Call, CallState, Price, Verdict
from app.domain.money import Cents
from app.domain.period import BillingPeriod
from tests.unit.builders import a_start, an_end, at
from tests.unit.folding import CONFLICT, DUPLICATE, IMPOSSIBLE, STORED, fold

START, END = a_start(), an_end()
PRICE = Price(Cents(99), 1, BillingPeriod(2016, 2), at("2016-02-29 14:00:01"))


@pytest.mark.parametrize(
    ("records", "state"),
    [
        pytest.param([START], CallState.AWAITING_END, id="start"),
        pytest.param([END], CallState.AWAITING_START, id="end"),
        pytest.param([START, END], CallState.AWAITING_PRICE, id="start-and-end"),
        pytest.param([END, START], CallState.AWAITING_PRICE, id="end-and-start"),
    ],
)
def test_records_are_stored_in_any_order(records, state):
    call, fates = fold(*records)

    assert fates == [STORED] * len(records)
    assert call.state is state
    assert call == Call("70", START if START in records else None, END if END in records else None)


@pytest.mark.parametrize("records", [[START, END], [END, START]], ids=["start-first", "end-first"])
@pytest.mark.parametrize(
    "again",
    [
        pytest.param(START, id="the-start"),
        pytest.param(END, id="the-end"),
        pytest.param(a_start(record_id="9"), id="the-start-under-another-id"),
        pytest.param(an_end(record_id="9"), id="the-end-under-another-id"),
        pytest.param(a_start(received_at="2017-01-01 00:00:00"), id="the-start-months-later"),
        pytest.param(an_end(received_at="2017-01-01 00:00:00"), id="the-end-months-later"),
    ],
)
def test_a_record_that_says_the_same_again_changes_nothing(records, again):
    call, fates = fold(*records, again)

    assert fates == [STORED, STORED, DUPLICATE]
    assert call == Call("70", START, END)


@pytest.mark.parametrize("first", [START, END], ids=["start", "end"])
def test_a_half_that_says_the_same_again_changes_nothing(first):
    call, fates = fold(first, first._replace(record_id="9"))

    assert fates == [STORED, DUPLICATE]
    assert call == fold(first)[0]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(a_start(started_at="2016-02-29 12:00:00.000001"), id="start-at-another-time"),
        pytest.param(a_start(source="99988526424"), id="another-source"),
        pytest.param(a_start(destination="9993468279"), id="another-destination"),
        pytest.param(an_end(ended_at="2016-02-29 13:59:59.999999"), id="end-at-another-time"),
        # Impossible as well, but what is said is that another one is there.
        pytest.param(an_end(ended_at="2016-02-29 11:00:00"), id="end-before-the-start"),
        pytest.param(a_start(started_at="2016-02-29 15:00:00"), id="start-behind-the-end"),
    ],
)
def test_a_record_that_says_otherwise_is_a_conflict_and_the_first_stands(other):
    call, fates = fold(START, END, other)

    assert fates == [STORED, STORED, CONFLICT]
    assert call == Call("70", START, END)


@pytest.mark.parametrize("first", [START, END], ids=["start", "end"])
def test_a_conflict_is_one_without_the_other_half_too(first):
    other = (
        a_start(source="99988526424") if first == START else an_end(ended_at="2016-02-29 15:00:00")
    )

    call, fates = fold(first, other)

    assert fates == [STORED, CONFLICT]
    assert call == fold(first)[0]._replace(is_contested=True)


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([START, an_end(ended_at="2016-02-29 11:59:59.999999")], id="the-end-is-late"),
        pytest.param([END, a_start(started_at="2016-02-29 14:00:00.000001")], id="start-is-late"),
    ],
)
def test_a_half_that_would_end_the_call_before_its_start_is_impossible(records):
    call, fates = fold(*records)

    assert fates == [STORED, IMPOSSIBLE]
    assert call == fold(records[0])[0]


def test_after_an_impossible_half_a_possible_one_is_stored():
    call, fates = fold(START, an_end(ended_at="2016-02-29 11:00:00"), END)

    assert fates == [STORED, IMPOSSIBLE, STORED]
    assert call == Call("70", START, END)


@pytest.mark.parametrize("end_first", [0, 1], ids=["start-first", "end-first"])
def test_an_end_equal_to_its_start_is_a_call_of_no_length(end_first):
    pair = [START, an_end(ended_at="2016-02-29 12:00:00")]

    call, fates = fold(*sorted(pair, key=pair.index, reverse=bool(end_first)))

    assert fates == [STORED, STORED]
    assert call.duration == timedelta(0)


def test_duration_is_exact_once_both_halves_are_there():
    end = an_end(ended_at="2016-03-02 12:00:00.5")

    assert fold(START)[0].duration is None
    assert fold(end)[0].duration is None
    assert fold(START, end)[0].duration == timedelta(days=2, microseconds=500_000)


@pytest.mark.parametrize(
    ("record", "fate"),
    [
        pytest.param(START, DUPLICATE, id="the-start-again"),
        pytest.param(END, DUPLICATE, id="the-end-again"),
        pytest.param(a_start(source="99988526424"), CONFLICT, id="another-start"),
        pytest.param(an_end(ended_at="2016-02-29 15:00:00"), CONFLICT, id="another-end"),
    ],
)
def test_nothing_changes_a_priced_call(record, fate):
    priced = Call("70", START, END, PRICE)

    call, *found = priced.take(record)

    assert tuple(found) == fate
    assert call == priced
    assert call.state is CallState.PRICED


@settings(derandomize=True)
@given(
    st.lists(st.sampled_from([START, END]), min_size=1, max_size=8).flatmap(
        lambda records: st.tuples(st.just(records), st.permutations(records))
    )
)
def test_order_and_repeats_do_not_matter_where_nothing_conflicts(both):
    given_records, shuffled = both

    assert fold(*given_records)[0] == fold(*shuffled)[0]
    assert fold(*shuffled)[0] == Call(
        "70", START if START in shuffled else None, END if END in shuffled else None
    )
    assert all(fate in (STORED, DUPLICATE) for fate in fold(*shuffled)[1])


instants = st.sampled_from([f"2016-02-29 12:00:0{second}" for second in range(4)])
any_records = st.lists(
    st.one_of(
        instants.map(lambda text: a_start(started_at=text)),
        instants.map(lambda text: an_end(ended_at=text)),
    ),
    max_size=10,
)


@settings(derandomize=True)
@given(any_records)
def test_whatever_comes_a_half_never_changes_and_no_call_ends_before_its_start(records):
    call = Call("70")
    for record in records:
        grown, verdict, _ = call.take(record)

        assert call.start in (None, grown.start)
        assert call.end in (None, grown.end)
        assert grown.duration is None or grown.duration >= timedelta(0)
        assert (verdict is Verdict.STORED) == (grown != call)
        call = grown


@settings(derandomize=True)
@given(any_records)
def test_sending_everything_again_changes_nothing_and_stores_nothing(records):
    call, fates = fold(*records)
    again, fates_of_both = fold(*records, *records)

    assert again == call
    assert STORED not in fates_of_both[len(fates) :]

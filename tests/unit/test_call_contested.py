"""When a call is contested, so that its missing half is not paired (rule 3)."""

import pytest

from app.domain.call import Call
from tests.unit.builders import a_start, an_end
from tests.unit.folding import CONFLICT, CONTESTED, DUPLICATE, STORED, fold

START, END = a_start(), an_end()
REUSED = a_start(started_at="2016-03-04 09:00:00")
LATER_END = an_end(ended_at="2016-03-04 09:05:00")


@pytest.mark.parametrize(
    ("first", "conflict", "missing"),
    [
        pytest.param(START, REUSED, LATER_END, id="the-start-is-of-another-call"),
        pytest.param(START, a_start(source="99988526424"), END, id="another-payer"),
        pytest.param(START, a_start(destination="9993468279"), END, id="another-number"),
        pytest.param(START, a_start(started_at="2016-02-29 12:01:00"), END, id="a-minute-later"),
        pytest.param(START, a_start(started_at="2016-02-29 11:59:00"), END, id="a-minute-earlier"),
        pytest.param(END, an_end(ended_at="2016-02-29 14:01:00"), START, id="another-end"),
    ],
)
def test_a_contested_call_takes_no_half_and_keeps_its_own(first, conflict, missing):
    call, fates = fold(first, conflict, missing, conflict, first)

    assert fates == [STORED, CONFLICT, CONTESTED, CONFLICT, DUPLICATE]
    assert call == fold(first)[0]._replace(is_contested=True)
    assert call.is_contested_by(conflict)


@pytest.mark.parametrize(
    ("first", "conflict", "missing"),
    [
        pytest.param(START, a_start(started_at="2016-02-29 12:00:59.999999"), END, id="start"),
        pytest.param(START, a_start(started_at="2016-02-29 11:59:00.000001"), END, id="earlier"),
        pytest.param(END, an_end(ended_at="2016-02-29 14:00:59.999999"), START, id="end"),
    ],
)
def test_a_repeat_with_jitter_contests_nothing(first, conflict, missing):
    call, fates = fold(first, conflict, missing)

    assert fates == [STORED, CONFLICT, STORED]
    assert call == Call("70", START, END)


def test_a_conflict_contests_no_call_that_has_both_halves():
    call, _ = fold(START, END)

    assert not call.is_contested_by(REUSED)
    assert call.take(REUSED) == (call, *CONFLICT)

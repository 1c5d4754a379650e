"""A conflict and the missing half of its call that arrive at the same time."""

from functools import partial

import pytest

from app.domain.call import Reason, Verdict
from tests.concurrency.racing import DEADLOCKS, together
from tests.factories import a_start, an_end
from tests.intake import accept

ROUNDS = 100


@pytest.mark.parametrize("filling", [0, 10], ids=["few", "many"])
def test_the_missing_half_is_paired_before_the_conflict_or_not_at_all(app, database, filling):
    for number in range(ROUNDS):
        call_id = f"{number}"
        others = [a_start(f"{number} {each}") for each in range(filling)]
        accept(app, a_start(call_id))

        [[conflict, *_], [end, *_]] = together(
            partial(accept, app, a_start(call_id, "2018-01-20T10:00:00Z"), *others),
            partial(accept, app, an_end(call_id), *others),
        )

        assert conflict.reason is Reason.CONFLICTING_RECORD
        [(price, contested)] = database.rows(
            "SELECT price_cents, contested FROM calls WHERE call_id = %s", (call_id,)
        )
        if end.verdict is Verdict.STORED:
            assert (price, contested) == (396, None)
        else:
            assert end.reason is Reason.CONTESTED_CALL
            assert (price, contested) == (None, True)
    assert database.rows(DEADLOCKS) == [(0,)]


def test_a_conflict_that_is_committed_keeps_every_end_out(app, database):
    for number in range(ROUNDS):
        call_id = f"{number}"
        accept(app, a_start(call_id))
        accept(app, a_start(call_id, "2018-01-20T10:00:00Z"))

        ends = together(*[partial(accept, app, an_end(call_id))] * 4)

        assert {end.reason for [end] in ends} == {Reason.CONTESTED_CALL}
    assert database.rows("SELECT count(price_cents), count(contested) FROM calls") == [(0, ROUNDS)]

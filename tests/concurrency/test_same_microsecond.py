"""Two copies of one record that two workers receive in the same microsecond: one is stored."""

from functools import partial

import pytest

from app.domain.call import Verdict
from tests.concurrency.racing import PRICES, together
from tests.factories import a_pair, a_start, an_end
from tests.intake import accept, verdicts

FILLING = [a_start(f"filling {number}") for number in range(9)]
PAIR = a_pair("70", "2018-01-03T14:18:05Z", "2018-01-03T14:58:05Z")


@pytest.mark.parametrize("others", [[], FILLING], ids=["few", "many"])
@pytest.mark.parametrize("half", [0, 1], ids=["start", "end"])
def test_a_pair_does_not_claim_a_half_that_another_worker_stored(app, database, half, others):
    [first] = accept(app, PAIR[half])

    outcomes = accept(app, *PAIR, *others)

    assert first.verdict is Verdict.STORED
    assert verdicts(outcomes[:2]).count(Verdict.DUPLICATE) == 1
    assert outcomes[half].verdict is Verdict.DUPLICATE
    assert outcomes[1 - half].completed
    assert database.rows("SELECT count(price_cents) FROM calls WHERE call_id = '70'") == [(1,)]


@pytest.mark.parametrize("others", [[], FILLING], ids=["few", "many"])
def test_an_end_completes_a_start_of_the_same_microsecond_that_was_looked_up(app, database, others):
    accept(app, PAIR[0])

    outcomes = accept(app, PAIR[1], *others)

    assert outcomes[0].completed
    assert database.rows("SELECT count(price_cents) FROM calls WHERE call_id = '70'") == [(1,)]


def test_of_all_copies_that_race_one_is_stored(app, database):
    for number in range(100):
        pair = [a_start(f"{number}"), an_end(f"{number}")]
        batches = [pair, pair[:1], pair[1:], pair[:1]]

        outcomes = together(*(partial(accept, app, *batch) for batch in batches))

        became = [each for batch in outcomes for each in verdicts(batch)]
        assert became.count(Verdict.STORED) == 2
        assert became.count(Verdict.DUPLICATE) == 3
    assert database.rows(PRICES) == [(396, 100)]

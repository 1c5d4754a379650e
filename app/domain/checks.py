"""Checks of a month before its bill run: what may be wrong, for a person to look at.

They change nothing. The first two limits below are lower than those of `plausibility.py`, beyond
which a call is not stored at all.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from app.domain.call import Call
from app.domain.money import Cents

# Hardly anybody talks so long. A switch that loses the end of a call often ends it by a timer, such
# as 12 hours (43,200 s): so the limit is well below a timer, and not its own value.
LONG_CALL = timedelta(hours=4)
# Hardly any switch keeps a record so long: its clock is wrong, or somebody sends an old file.
OLD_CALL = timedelta(days=90)


class Twins(NamedTuple):
    """Calls with the same two numbers that began in the same second and ended in the same second.

    They may be one conversation that was recorded under several ids. `started_at` and `ended_at`
    are whole seconds; `call_ids` are the first ten of `calls`.
    """

    source: str
    destination: str
    started_at: datetime
    ended_at: datetime
    calls: int
    call_ids: list[str]

    @property
    def place(self) -> tuple[str, datetime, datetime, str]:
        """Where they stand in the list."""
        return self.source, self.started_at, self.ended_at, self.destination


class UnnamedPayer(NamedTuple):
    """A number with priced calls in a month and without a name, and what the calls cost."""

    number: str
    calls: int
    total: Cents


class MonthChecks(NamedTuple):
    """How much of each kind there is in a month: groups of `twins`, and the calls in them."""

    twins: int
    twin_calls: int
    unnamed_payers: int
    long_calls: int
    old_calls: int


def count_long_and_old(calls: Iterable[Call]) -> tuple[int, int]:
    """Return how many priced `calls` are longer than `LONG_CALL`, and older than `OLD_CALL`.

    A call is as old as the time between its start and the instant at which it was priced. The
    intake counts every call, so this is written to be fast.
    """
    long = old = 0
    for _, start, end, price, _ in calls:
        assert start is not None and end is not None and price is not None
        if end.ended_at - start.started_at > LONG_CALL:
            long += 1
        if price.priced_at - start.started_at > OLD_CALL:
            old += 1
    return long, old

"""Bills: the priced calls of one subscriber that ended in one closed month (rules 15 to 19)."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache, partial
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.domain.money import Cents
from app.domain.period import BillingPeriod
from app.domain.tariff import Tariff, TariffBook


class BillLine(NamedTuple):
    """One call on a bill; `price` is the frozen price, in cents."""

    call_id: str
    destination: str
    started_at: datetime
    ended_at: datetime
    price: Cents
    priced_at: datetime

    @property
    def duration_seconds(self) -> int:
        """Whole seconds, floored."""
        length = self.ended_at - self.started_at
        return length.days * 86_400 + length.seconds


class BilledCall(NamedTuple):
    """A line of a bill as displayed; `started_at` is wall clock of the billing zone."""

    line: BillLine
    started_at: datetime
    duration_seconds: int
    is_late: bool


@dataclass(frozen=True)
class Bill:
    """What a subscriber owes for a month: the lines, and everything computed from them.

    `zone` is the billing zone, for local times and the bounds of the month. The lines are ordered
    by their starts, and `book` has the tariffs in force at these.
    """

    subscriber: str
    subscriber_name: str | None
    period: BillingPeriod
    zone: ZoneInfo
    book: TariffBook
    currency: str
    lines: tuple[BillLine, ...]
    unpriced_calls: int

    @property
    def calls(self) -> list[BilledCall]:
        """The lines as displayed; a call priced after the month had closed is late (rule 19)."""
        zone, closed_at = self.zone, self.closed_at
        return [
            BilledCall(
                line,
                line.started_at.astimezone(zone),
                line.duration_seconds,
                line.priced_at >= closed_at,
            )
            for line in self.lines
        ]

    @property
    def call_count(self) -> int:
        """The number of calls on the bill."""
        return len(self.lines)

    @cached_property
    def total(self) -> Cents:
        """The sum of the lines (rule 17)."""
        return Cents(sum(map(attrgetter("price"), self.lines)))

    @cached_property
    def total_duration_seconds(self) -> int:
        """The sum of the whole seconds of the lines."""
        return sum(map(attrgetter("duration_seconds"), self.lines))

    @property
    def tariffs(self) -> list[Tariff]:
        """The tariffs under which the calls were priced, in force at their starts (rule 9)."""
        first_under = partial(bisect_left, self.lines, key=attrgetter("started_at"))
        cuts = [*map(first_under, self.book.beginnings), len(self.lines)]
        return [
            tariff
            for tariff, (first, after) in zip(self.book.tariffs, pairwise(cuts), strict=True)
            if first < after
        ]

    @property
    def closed_at(self) -> datetime:
        """The end of the month; a call priced at or after it is late (rule 19)."""
        return self.period.bounds(self.zone)[1]


class BillRun:
    """The bills of a month as they pass by, counted: what the last line of a run says.

    A run that was cut off has no such line, so nobody can take a part of it for the whole.
    """

    def __init__(self, bills: Iterable[Bill]) -> None:
        self._passing = bills
        self.complete = True
        self.bills = 0
        self.calls = 0
        self.total = Cents(0)
        self.unpriced_calls = 0

    def __iter__(self) -> Iterator[Bill]:
        """Yield the bills; the counts are whole once all have passed."""
        for bill in self._passing:
            self.bills += 1
            self.calls += bill.call_count
            self.total = Cents(self.total + bill.total)
            self.unpriced_calls += bill.unpriced_calls
            yield bill


@lru_cache(10_000)  # A bill run formats millions of lengths, but few different ones.
def duration_text(seconds: int) -> str:
    """Return a length as `0h35m42s`; hours do not wrap (rule 17)."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m{seconds:02d}s"

"""What-if: the frozen prices of calls, compared with those under another tariff."""

from collections.abc import Iterable, Iterator
from heapq import nlargest
from typing import NamedTuple

from app.domain.money import Cents

LARGEST_MAX = 20


class ComparedCall(NamedTuple):
    """A priced call with its frozen price and its price under the other tariff."""

    call_id: str
    source: str
    frozen: Cents
    under_tariff: Cents

    @property
    def difference(self) -> Cents:
        """The price under the other tariff minus the frozen price."""
        return Cents(self.under_tariff - self.frozen)


class WhatIf:
    """The sums of both prices of many calls, in cents.

    `largest` are the calls whose prices differ most; of equal differences, the first ones.
    """

    def __init__(self, calls: Iterable[ComparedCall]) -> None:
        """Add up `calls` in one pass, without keeping them."""
        self.frozen = self.under_tariff = Cents(0)
        self.dearer = self.cheaper = self.same = 0
        self.largest = nlargest(
            LARGEST_MAX, self._counted(calls), lambda call: abs(call.difference)
        )

    @property
    def count(self) -> int:
        """The number of calls."""
        return self.dearer + self.cheaper + self.same

    @property
    def difference(self) -> Cents:
        """The total under the other tariff minus the frozen total."""
        return Cents(self.under_tariff - self.frozen)

    def _counted(self, calls: Iterable[ComparedCall]) -> Iterator[ComparedCall]:
        """Count `calls`, and yield those whose prices differ."""
        for call in calls:
            self.frozen = Cents(self.frozen + call.frozen)
            self.under_tariff = Cents(self.under_tariff + call.under_tariff)
            if call.under_tariff == call.frozen:
                self.same += 1
                continue
            if call.under_tariff > call.frozen:
                self.dearer += 1
            else:
                self.cheaper += 1
            yield call

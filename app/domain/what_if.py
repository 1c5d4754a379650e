"""What-if: what calls were priced at, against what they would cost under another tariff."""

from collections.abc import Iterable, Iterator
from heapq import nlargest
from typing import NamedTuple

from app.domain.money import Cents

LARGEST_MAX = 20


class ComparedCall(NamedTuple):
    """A priced call and its two prices: the frozen one, and the one under the other tariff."""

    call_id: str
    source: str
    frozen: Cents
    under_tariff: Cents

    @property
    def difference(self) -> Cents:
        """How much dearer the other tariff makes it; negative where it is cheaper."""
        return Cents(self.under_tariff - self.frozen)


class WhatIf:
    """The two prices of many calls, summed up; amounts are in cents.

    `largest` are the calls whose prices differ most, and of equal differences those that came
    first.
    """

    def __init__(self, calls: Iterable[ComparedCall]) -> None:
        """Sum up `calls` in one pass, without keeping them."""
        self.frozen = self.under_tariff = Cents(0)
        self.dearer = self.cheaper = self.same = 0
        self.largest = nlargest(
            LARGEST_MAX, self._counted(calls), lambda call: abs(call.difference)
        )

    @property
    def count(self) -> int:
        """How many calls there are."""
        return self.dearer + self.cheaper + self.same

    @property
    def difference(self) -> Cents:
        """How much more the other tariff makes in all; negative where it makes less."""
        return Cents(self.under_tariff - self.frozen)

    def _counted(self, calls: Iterable[ComparedCall]) -> Iterator[ComparedCall]:
        """Yield those of `calls` whose prices differ, once they are counted."""
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

"""How a ratio is taken: floor and subject in turn, several times, and the median of what comes."""

import gc
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Row(NamedTuple):
    """One line of the table: what was measured, what came out, and what it must reach.

    `is_floor` says that `bar` is the least that will do; otherwise it is the most.
    """

    what: str
    value: float
    bar: float
    is_floor: bool
    remark: str = ""

    @property
    def is_reached(self) -> bool:
        """Whether the bar is reached."""
        return self.value >= self.bar if self.is_floor else self.value <= self.bar


def at_least(what: str, value: float, bar: float, remark: str = "") -> Row:
    """Give a line whose value must be no less than `bar`."""
    return Row(what, value, bar, is_floor=True, remark=remark)


def at_most(what: str, value: float, bar: float, remark: str = "") -> Row:
    """Give a line whose value must be no more than `bar`."""
    return Row(what, value, bar, is_floor=False, remark=remark)


def seconds_of(work: Callable[[], object]) -> float:
    """Run `work` once, and give how long it took."""
    gc.collect()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def median_ratio(ratio_once: Callable[[], float], times: int = 7) -> float:
    """Take a ratio `times` times, after one that does not count, and give the median."""
    ratio_once()
    return statistics.median(ratio_once() for _ in range(times))

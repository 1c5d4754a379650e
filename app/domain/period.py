"""Billing periods: calendar months in the billing zone (rule 15)."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from app.domain.errors import InvalidPeriod, PeriodNotClosed

_YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})", re.ASCII)
_MONTH_FIRST = re.compile(r"(?P<month>[0-9]{2})/(?P<year>[0-9]{4})", re.ASCII)

# No call is older than 1970 in UTC (rule 6), which is still December 1969 in the west. Each month
# must be followed by a month that a date can represent.
_YEARS = range(1969, 9999)

_LAST_DAY_AT_LEAST = 28


class BillingPeriod(NamedTuple):
    """One month of one year; methods take the zone whose wall clock counts."""

    year: int
    month: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Read `YYYY-MM` or `MM/YYYY`; raise InvalidPeriod for anything else."""
        match = _YEAR_FIRST.fullmatch(text) or _MONTH_FIRST.fullmatch(text)
        if match is None:
            raise InvalidPeriod("A period is a month written YYYY-MM, such as 2017-12.")
        year, month = int(match["year"]), int(match["month"])
        if month not in range(1, 13) or year not in _YEARS:
            raise InvalidPeriod(f"There is no month {text} to bill.")
        return cls(year, month)

    @classmethod
    def of(cls, instant: datetime, zone: ZoneInfo) -> Self:
        """Return the period of `instant` in `zone`."""
        local = instant.astimezone(zone)
        period = cls(local.year, local.month)
        if local.day < _LAST_DAY_AT_LEAST:
            return period
        # If clocks go back over midnight, the last minutes of the old day occur twice; the second
        # time they belong to the month that has begun.
        return period.next if instant >= _first_instant(period.next, zone) else period

    @classmethod
    def last_closed(cls, now: datetime, zone: ZoneInfo) -> Self:
        """Return the last period that has ended at `now` (rule 16)."""
        year, month = cls.of(now, zone)
        return cls(year - 1, 12) if month == 1 else cls(year, month - 1)

    @property
    def next(self) -> Self:
        """The month after this one."""
        cls = type(self)
        return cls(self.year + 1, 1) if self.month == 12 else cls(self.year, self.month + 1)

    @property
    def first_day(self) -> date:
        """The day that identifies the period in the database."""
        return date(self.year, self.month, 1)

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the first instant of this month and the first one after it, in UTC."""
        return _first_instant(self, zone), _first_instant(self.next, zone)

    def check_closed(self, now: datetime, zone: ZoneInfo) -> None:
        """Raise PeriodNotClosed, with its end, unless this month has ended at `now`."""
        _, closes_at = self.bounds(zone)
        if now < closes_at:
            there = closes_at.astimezone(zone).isoformat()
            raise PeriodNotClosed(
                f"The period {self} can be billed once it has closed, at {there}.", closes_at=there
            )

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@lru_cache(maxsize=4096)
def _first_instant(period: BillingPeriod, zone: ZoneInfo) -> datetime:
    # If clocks skip midnight, the gap is read with the offset before it: that is the instant of the
    # jump, the first of the month. If midnight occurs twice, the first one counts.
    return datetime(period.year, period.month, 1, tzinfo=zone).astimezone(UTC)

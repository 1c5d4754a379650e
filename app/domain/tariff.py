"""Tariffs: prices in force from an instant, divided over the day in time bands (rules 9, 10)."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from app.domain.call_record import instant_text
from app.domain.errors import InvalidTariff, TariffExists, TariffInUse
from app.domain.money import TenThousandths, ten_thousandths


@dataclass(frozen=True, slots=True)
class TimeBand:
    """A part of the day with its own rates; it runs until the tariff's next band starts."""

    name: str
    starts_at: time
    standing_charge: TenThousandths
    minute_rate: TenThousandths

    @classmethod
    def of(cls, name: str, starts_at: time, standing_charge: Decimal, minute_rate: Decimal) -> Self:
        """Make a band of rates in the currency unit; raise ValueError for impossible ones."""
        return cls(name, starts_at, ten_thousandths(standing_charge), ten_thousandths(minute_rate))


@dataclass(frozen=True, slots=True)
class Tariff:
    """Prices in force from `effective_from` until the next tariff's.

    A band runs until the next one starts, and the last until the first: a gap or an overlap cannot
    be written down. `zone` is the one whose wall clock the bands speak of.
    """

    tariff_id: int
    name: str
    effective_from: datetime
    zone: ZoneInfo
    currency: str
    bands: tuple[TimeBand, ...]

    # What rating has worked out of this tariff's calendar, so that it does so once: no part of the
    # tariff's value, and the same whoever fills it in.
    calendar: dict[int, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [band.starts_at for band in self.bands]
        if not starts or starts != sorted(set(starts)):
            raise ValueError("a tariff has one band or more, in the order in which they start")


class TariffDraft(NamedTuple):
    """A tariff as it is offered for publication: all of it but the id, which it gets there."""

    name: str
    effective_from: datetime
    zone: ZoneInfo
    currency: str
    bands: tuple[TimeBand, ...]

    def with_id(self, tariff_id: int) -> Tariff:
        """Give the tariff that it becomes."""
        return Tariff(tariff_id, *self)


class TariffState(StrEnum):
    """Where a tariff stands in time."""

    PAST = "past"  # Another one has begun since.
    IN_FORCE = "in-force"
    FUTURE = "future"


class TariffBook(NamedTuple):
    """The tariffs in the order of their beginnings: all there are for starts up to an instant."""

    tariffs: tuple[Tariff, ...]
    beginnings: tuple[datetime, ...]
    complete_until: datetime

    @classmethod
    def of(cls, tariffs: Iterable[Tariff], complete_until: datetime) -> "TariffBook":
        """Put `tariffs`, each with another `effective_from`, into their order."""
        ordered = tuple(sorted(tariffs, key=attrgetter("effective_from")))
        return cls(ordered, tuple(each.effective_from for each in ordered), complete_until)

    def in_force_at(self, instant: datetime) -> Tariff | None:
        """Give the tariff in force at `instant`; None before the first one begins."""
        begun = bisect_right(self.beginnings, instant)
        return self.tariffs[begun - 1] if begun else None

    def with_id(self, tariff_id: int) -> Tariff | None:
        """Give the tariff of that id, if there is one."""
        return next((each for each in self.tariffs if each.tariff_id == tariff_id), None)

    def state_of(self, tariff: Tariff, now: datetime) -> TariffState:
        """Say where `tariff`, one of these, stands at `now`."""
        if tariff.effective_from > now:
            return TariffState.FUTURE
        return TariffState.IN_FORCE if self.in_force_at(now) == tariff else TariffState.PAST

    def check_publishable(self, draft: TariffDraft) -> None:
        """Raise InvalidTariff or TariffExists unless `draft` may join these tariffs.

        Calls that start up to `complete_until` may have been priced by these alone: what joins them
        begins later (rule 9). The calls of a bill add up in one currency.
        """
        errors = []
        if draft.effective_from <= self.complete_until:
            detail = f"must be later than {instant_text(self.complete_until)}"
            errors.append({"pointer": "/effective_from", "detail": detail})
        for currency in {each.currency for each in self.tariffs} - {draft.currency}:
            detail = f"must be {currency}, as that of all other tariffs"
            errors.append({"pointer": "/currency", "detail": detail})
        if errors:
            raise InvalidTariff("The tariff cannot be published as it is.", errors=errors)
        if draft.effective_from in self.beginnings:
            raise TariffExists("Another tariff begins at the same instant.")

    def check_withdrawable(self, tariff: Tariff) -> None:
        """Raise TariffInUse if a call may have been priced by `tariff`, one of these."""
        if tariff.effective_from <= self.complete_until:
            begins, until = map(instant_text, (tariff.effective_from, self.complete_until))
            raise TariffInUse(
                f"It is in force from {begins}, and calls that start up to {until} may have been"
                " priced."
            )

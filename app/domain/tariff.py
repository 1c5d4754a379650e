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
from app.domain.errors import InvalidTariff, TariffExists, TariffInUse, UnusualRate
from app.domain.money import TenThousandths, exact_text, ten_thousandths

# A rate this many times the one before, or this small a part of it, may be a slipped comma.
_UNUSUAL = 50


@dataclass(frozen=True, slots=True)
class TimeBand:
    """A part of the day with its own rates; it lasts until the next band starts."""

    name: str
    starts_at: time
    standing_charge: TenThousandths
    minute_rate: TenThousandths

    @classmethod
    def of(cls, name: str, starts_at: time, standing_charge: Decimal, minute_rate: Decimal) -> Self:
        """Make a band from rates in the currency unit. Raises ValueError for invalid rates."""
        return cls(name, starts_at, ten_thousandths(standing_charge), ten_thousandths(minute_rate))


@dataclass(frozen=True, slots=True)
class Tariff:
    """Prices in force from `effective_from` until that of the next tariff.

    A band lasts until the next one starts, and the last until the first: gaps and overlaps are
    impossible. The bands start by the wall clock of `zone`.
    """

    tariff_id: int
    name: str
    effective_from: datetime
    zone: ZoneInfo
    currency: str
    bands: tuple[TimeBand, ...]

    # A cache for rating: what it has computed from the calendar of this tariff. It is not part of
    # the tariff's value.
    calendar: dict[int, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [band.starts_at for band in self.bands]
        if not starts or starts != sorted(set(starts)):
            raise ValueError("a tariff has one band or more, in the order in which they start")


class TariffDraft(NamedTuple):
    """A tariff proposed for publication: everything except its id."""

    name: str
    effective_from: datetime
    zone: ZoneInfo
    currency: str
    bands: tuple[TimeBand, ...]

    def with_id(self, tariff_id: int) -> Tariff:
        """Return the tariff with that id."""
        return Tariff(tariff_id, *self)


class TariffState(StrEnum):
    """Whether a tariff is past, in force or future."""

    PAST = "past"  # Another tariff has begun since.
    IN_FORCE = "in-force"
    FUTURE = "future"


class TariffBook(NamedTuple):
    """The tariffs by `effective_from`, complete for calls that start up to `complete_until`."""

    tariffs: tuple[Tariff, ...]
    beginnings: tuple[datetime, ...]
    complete_until: datetime

    @classmethod
    def of(cls, tariffs: Iterable[Tariff], complete_until: datetime) -> "TariffBook":
        """Sort `tariffs`, each with a different `effective_from`."""
        ordered = tuple(sorted(tariffs, key=attrgetter("effective_from")))
        return cls(ordered, tuple(each.effective_from for each in ordered), complete_until)

    def in_force_at(self, instant: datetime) -> Tariff | None:
        """Return the tariff in force at `instant`, or None before the first tariff."""
        begun = bisect_right(self.beginnings, instant)
        return self.tariffs[begun - 1] if begun else None

    def with_id(self, tariff_id: int) -> Tariff | None:
        """Return the tariff with that id, or None."""
        return next((each for each in self.tariffs if each.tariff_id == tariff_id), None)

    def state_of(self, tariff: Tariff, now: datetime) -> TariffState:
        """Return the state at `now` of `tariff`, one of these."""
        if tariff.effective_from > now:
            return TariffState.FUTURE
        return TariffState.IN_FORCE if self.in_force_at(now) == tariff else TariffState.PAST

    def check_publishable(self, draft: TariffDraft) -> None:
        """Raise InvalidTariff or TariffExists unless `draft` may be added to these tariffs.

        Calls that start up to `complete_until` may have been priced under these tariffs alone, so
        a new one must begin later (rule 9). All tariffs have one currency.
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

    def check_usual(self, draft: TariffDraft) -> None:
        """Raise UnusualRate if a rate of `draft` is far from that of the tariff before it.

        The highest standing charges are compared, and the highest minute rates; zeros are left out.
        """
        before = self.in_force_at(draft.effective_from)
        if before is None:
            return
        for name in ("standing_charge", "minute_rate"):
            rate, usual = (
                max(getattr(band, name) for band in each.bands) for each in (draft, before)
            )
            if rate and usual and not 1 / _UNUSUAL < rate / usual < _UNUSUAL:
                raise UnusualRate(
                    f"The highest {name.replace('_', ' ')} would be {exact_text(rate)}, after"
                    f" {exact_text(usual)} in the tariff {before.name!a}. Publish it again with"
                    " confirm=unusual-rate if that is meant."
                )

    def check_withdrawable(self, tariff: Tariff) -> None:
        """Raise TariffInUse if a call may have been priced under `tariff`, one of these."""
        if tariff.effective_from <= self.complete_until:
            begins, until = map(instant_text, (tariff.effective_from, self.complete_until))
            raise TariffInUse(
                f"It is in force from {begins}, and calls that start up to {until} may have been"
                " priced."
            )

"""Rating: what a call costs under a tariff (rules 10 to 13); arithmetic on arguments.

Instants are integers, microseconds since 1970. For each block of 365 days the instants at which the
band of a tariff changes are computed once, daylight saving included, with the running sum of the
cost of the stretches between them. So a call of many years needs a few look-ups, like a call of a
minute (app/domain/README.md).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.domain.money import Cents, TenThousandths, to_cents
from app.domain.tariff import Tariff, TimeBand

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_DAY = 24 * 60 * _MINUTE
_BLOCK = 365 * _DAY


class Segment(NamedTuple):
    """A contiguous stretch of a call inside one band; midnight does not end it (rule 12)."""

    band: TimeBand
    started_at: datetime
    ended_at: datetime

    @property
    def seconds(self) -> float:
        """Its length, with a fraction if it is not whole."""
        seconds = (self.ended_at - self.started_at) / timedelta(seconds=1)
        return int(seconds) if seconds.is_integer() else seconds

    @property
    def charged_minutes(self) -> int:
        """Its completed cycles of 60 seconds; 0 if a minute costs nothing."""
        if not self.band.minute_rate:
            return 0
        return (self.ended_at - self.started_at) // timedelta(minutes=1)

    @property
    def amount(self) -> TenThousandths:
        """The exact cost of its minutes."""
        return TenThousandths(self.charged_minutes * self.band.minute_rate)


class RatedCall(NamedTuple):
    """A call rated under a tariff: its parts, and the price as their sum."""

    tariff: Tariff
    started_at: datetime
    ended_at: datetime

    @property
    def duration_seconds(self) -> int:
        """Whole seconds, floored."""
        return (self.ended_at - self.started_at) // timedelta(seconds=1)

    @property
    def standing_band(self) -> TimeBand:
        """The band in which the call starts; its standing charge applies once (rule 11)."""
        start = _microseconds(self.started_at)
        return self.tariff.bands[_changes_around(self.tariff, start // _BLOCK).band_at(start)]

    @property
    def segments(self) -> Iterator[Segment]:
        """The stretches of the call, in order; a call of 0 seconds has no stretch."""
        end = _microseconds(self.ended_at)
        begins = [_microseconds(self.started_at), *_changes_within(self)]
        for begin, until in zip(begins, [*begins[1:], end], strict=True):
            if begin < until:
                band = _changes_around(self.tariff, begin // _BLOCK).band_at(begin)
                yield Segment(self.tariff.bands[band], _instant(begin), _instant(until))

    @property
    def amount(self) -> TenThousandths:
        """The exact sum of the standing charge and the segments."""
        start, end = _microseconds(self.started_at), _microseconds(self.ended_at)
        bands = self.tariff.bands
        cursor, amount = start, 0
        for block in range(start // _BLOCK, end // _BLOCK + 1):
            changes = _changes_around(self.tariff, block)
            first = bisect_right(changes.instants, cursor)
            band = changes.bands[first - 1] if first else changes.band_before
            if cursor == start:
                amount = bands[band].standing_charge
            last = bisect_left(changes.instants, end, first) - 1
            if first <= last:
                amount += (changes.instants[first] - cursor) // _MINUTE * bands[band].minute_rate
                amount += changes.amounts[last] - changes.amounts[first]
                cursor, band = changes.instants[last], changes.bands[last]
        return TenThousandths(amount + (end - cursor) // _MINUTE * bands[band].minute_rate)

    @property
    def price(self) -> Cents:
        """The amount, rounded once (rule 13)."""
        return to_cents(self.amount)


def rate_call(started_at: datetime, ended_at: datetime, tariff: Tariff) -> RatedCall:
    """Rate a complete call under `tariff`, the tariff in force when it started (rule 9).

    Both are instants with a zone. Raises ValueError for a call that ends before it starts.
    """
    # Within one zone Python compares wall clocks, which is wrong if an hour occurs twice.
    started_at, ended_at = started_at.astimezone(UTC), ended_at.astimezone(UTC)
    if ended_at < started_at:
        raise ValueError("the call ends before it starts")
    return RatedCall(tariff, started_at, ended_at)


class _BandChanges(NamedTuple):
    """The instants of one block of 365 days at which the band changes."""

    band_before: int
    instants: tuple[int, ...]
    bands: tuple[int, ...]  # The index of the band that begins at each instant.
    amounts: tuple[int, ...]  # The cost from the first instant to each of them.

    def band_at(self, instant: int) -> int:
        begun = bisect_right(self.instants, instant)
        return self.bands[begun - 1] if begun else self.band_before


def _changes_within(call: RatedCall) -> Iterator[int]:
    """Yield the instants after the call's start and before its end at which the band changes."""
    start, end = _microseconds(call.started_at), _microseconds(call.ended_at)
    for block in range(start // _BLOCK, end // _BLOCK + 1):
        instants = _changes_around(call.tariff, block).instants
        yield from instants[bisect_right(instants, start) : bisect_left(instants, end)]


def _changes_around(tariff: Tariff, block: int) -> _BandChanges:
    changes = tariff.calendar.get(block)
    if changes is None:
        changes = tariff.calendar[block] = _work_out_changes(tariff, block)
    return changes


def _work_out_changes(tariff: Tariff, block: int) -> _BandChanges:
    begin = block * _BLOCK
    # From a second before, so that a band that begins with the block is found.
    spans = _band_spans(tariff, begin - _SECOND, begin + _BLOCK)
    _, band_before = next(spans)
    instants: list[int] = []
    bands: list[int] = []
    amounts: list[int] = []
    amount, band = 0, band_before
    for instant, next_band in spans:
        if instant < begin:
            band_before = band = next_band
        if next_band == band:
            continue
        if instants:
            amount += (instant - instants[-1]) // _MINUTE * tariff.bands[band].minute_rate
        instants.append(instant)
        bands.append(next_band)
        amounts.append(amount)
        band = next_band
    return _BandChanges(band_before, tuple(instants), tuple(bands), tuple(amounts))


def _band_spans(tariff: Tariff, begin: int, until: int) -> Iterator[tuple[int, int]]:
    """Yield the instants from `begin` on at which a band may begin, with the index of the band."""
    starts = [_microseconds_of_day(band.starts_at) for band in tariff.bands]
    for span_begin, span_until, offset in _constant_offsets(tariff.zone, begin, until):
        # A clock change may change the band although no band begins at that hour.
        clock = (span_begin + offset) % _DAY
        yield span_begin, (bisect_right(starts, clock) or len(starts)) - 1
        first_day = (span_begin + offset) // _DAY
        last_day = (span_until + offset) // _DAY
        for day in range(first_day, last_day + 1):
            for band, start in enumerate(starts):
                instant = day * _DAY + start - offset
                if span_begin < instant < span_until:
                    yield instant, band


def _constant_offsets(zone: ZoneInfo, begin: int, until: int) -> Iterator[tuple[int, int, int]]:
    """Split the time from `begin` to `until` at the changes of the zone's offset from UTC.

    Checking once per day finds every change, because no zone changes back within a day.
    """
    span_begin, offset = begin, _offset_at(zone, begin)
    for day in range(begin, until, _DAY):
        if _offset_at(zone, day + _DAY) == offset:
            continue
        before, after = day, day + _DAY
        while after - before > _SECOND:  # Offsets change on whole seconds.
            middle = before + (after - before) // _SECOND // 2 * _SECOND
            before, after = (
                (middle, after) if _offset_at(zone, middle) == offset else (before, middle)
            )
        if after < until:
            yield span_begin, after, offset
            span_begin, offset = after, _offset_at(zone, after)
    yield span_begin, until, offset


def _offset_at(zone: ZoneInfo, instant: int) -> int:
    offset = _instant(instant).astimezone(zone).utcoffset()
    assert offset is not None  # A ZoneInfo always has one.
    return offset // _MICROSECOND


def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _microseconds_of_day(clock: time) -> int:
    since_midnight = timedelta(
        hours=clock.hour,
        minutes=clock.minute,
        seconds=clock.second,
        microseconds=clock.microsecond,
    )
    return since_midnight // _MICROSECOND

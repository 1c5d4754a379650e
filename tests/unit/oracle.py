"""Rating once more, from the written rules alone: second by second, and with nothing of `app`."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 86_400  # seconds
_QUARTER = 900
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_CENT = Decimal("0.01")


class Band(NamedTuple):
    """A time band as a price list has it: hours to the second, amounts in the currency unit."""

    starts_at: time
    standing_charge: Decimal
    minute_rate: Decimal


class Stretch(NamedTuple):
    """A contiguous part of a call inside one band, which is given by its place in the list."""

    band: int
    started_at: datetime
    ended_at: datetime


def price_of(start: datetime, end: datetime, bands: Sequence[Band], zone: ZoneInfo) -> Decimal:
    """Give what a call costs, rounded to cents."""
    amount = bands[standing_band_of(start, bands, zone)].standing_charge
    for band, started_at, ended_at in stretches_of(start, end, bands, zone):
        amount += (ended_at - started_at) // timedelta(minutes=1) * bands[band].minute_rate
    return amount.quantize(_CENT, ROUND_HALF_UP)


def standing_band_of(start: datetime, bands: Sequence[Band], zone: ZoneInfo) -> int:
    """Give the place of the band in which a call that starts at `start` starts."""
    return _bands_of_a_day(_starts(bands))[_clock((start - _EPOCH) // _SECOND, zone)]


def stretches_of(
    start: datetime, end: datetime, bands: Sequence[Band], zone: ZoneInfo
) -> Iterator[Stretch]:
    """Yield the stretches of a call.

    Bands begin on whole seconds and so do changes of the clock: a second that the call has only a
    part of is in one band, and the stretch it belongs to is cut to the call.
    """
    first = (start - _EPOCH) // _SECOND
    until = -((_EPOCH - end) // _SECOND)
    seconds = _band_of_each_second(first, until, _starts(bands), zone)
    for run in re.finditer(rb"(.)\1*", seconds, re.DOTALL):
        began, ended = (_EPOCH + (first + place) * _SECOND for place in run.span())
        if max(began, start) < min(ended, end):
            yield Stretch(run[0][0], max(began, start), min(ended, end))


def _starts(bands: Sequence[Band]) -> tuple[int, ...]:
    return tuple(
        band.starts_at.hour * 3600 + band.starts_at.minute * 60 + band.starts_at.second
        for band in bands
    )


@cache
def _bands_of_a_day(starts: tuple[int, ...]) -> bytes:
    """One byte for each second of a wall clock's day: the place of the band it is in."""
    last = len(starts) - 1
    day = bytes([last]) * starts[0]
    for band, (begin, until) in enumerate(pairwise([*starts, DAY])):
        day += bytes([band]) * (until - begin)
    return day


def _band_of_each_second(first: int, until: int, starts: tuple[int, ...], zone: ZoneInfo) -> bytes:
    """One byte for each second since 1970 from `first` on: the place of the band it is in.

    No clock changes and changes back within a quarter of an hour, so where it has gone on evenly
    from the first to the last second of one, it has done so in between.
    """
    day = _bands_of_a_day(starts)
    found = bytearray()
    while first < until:
        last = min(until, first - first % _QUARTER + _QUARTER) - 1
        begin, length = _clock(first, zone), last - first + 1
        if (_clock(last, zone) - begin) % DAY == length - 1:
            found += (day[begin : begin + length] + day)[:length]
        else:
            found += bytes(day[_clock(second, zone)] for second in range(first, last + 1))
        first = last + 1
    return bytes(found)


def _clock(second: int, zone: ZoneInfo) -> int:
    """Give what the wall clock shows, as seconds since midnight."""
    shown = datetime.fromtimestamp(second, zone)
    return shown.hour * 3600 + shown.minute * 60 + shown.second

"""Three months of a switch that is not at its best: 100,000 records, in the order they are sent.

Made by chance, but always the same. A call may lack a half, or get one weeks late; records are
repeated, contradict each other, are impossible, or no records at all.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.factories import Json, a_start, an_end, bytes_of

RECORDS = 100_000
PERIODS = ("2018-01", "2018-02", "2018-03", "2018-04")
_CALLS, _SUBSCRIBERS = 49_300, 400
_BEGIN, _DAYS = datetime(2018, 1, 1, 2, tzinfo=UTC), 91
_TOLD_BADLY = (
    b"7",
    b'{"id": NaN, "number": %d}',
    b'{"id": "%d", "type": "ring"}',
    b'{"id": "%d", "type": "end", "timestamp": "2018-02-30T12:00:00Z"}',
    b'{"id": "%d", "type": "end", "timestamp": "2999-01-01T12:00:00Z"}',
)


class Sent(NamedTuple):
    """The bytes of one record, and when they are sent: at or after the instant they tell of."""

    at: datetime
    received: bytes


def three_months() -> list[Sent]:
    """Give the records in the order in which they are sent."""
    chance = random.Random(2018)
    sent = [each for number in range(_CALLS) for each in _sent_of_call(number, chance)]
    return sorted(sent)[:RECORDS]


def _sent_of_call(number: int, chance: random.Random) -> Iterator[Sent]:
    call_id = f"{number:x}"
    started = _BEGIN + timedelta(seconds=chance.randrange(_DAYS * 86_400))
    ended = started + timedelta(seconds=int(chance.expovariate(1 / 300)))
    start = a_start(call_id, _text(started), source=f"11{chance.randrange(_SUBSCRIBERS):09d}")
    end = an_end(call_id, _text(ended))
    fate = chance.random()
    if fate > 0.01:
        yield _sent(start, ended, chance)
    if not 0.01 < fate < 0.02:
        yield _sent(end, ended, chance)
    if 0.02 < fate < 0.04:
        yield _sent(chance.choice([start, end]), ended, chance)
    elif 0.04 < fate < 0.05:
        yield _sent(chance.choice([start, end]) | {"id": "again"}, ended, chance)
    elif 0.05 < fate < 0.06:
        yield _sent(an_end(call_id, _text(ended + timedelta(minutes=9))), ended, chance)
    elif 0.06 < fate < 0.065:
        yield _sent(start | {"destination": "1133334444"}, ended, chance)
    elif 0.065 < fate < 0.07:
        yield _sent(an_end(call_id, _text(started - timedelta(minutes=9))), ended, chance)
    elif 0.07 < fate < 0.075:
        told = chance.choice(_TOLD_BADLY)
        yield Sent(ended, told % number if b"%d" in told else told)


def _sent(record: Json, ended: datetime, chance: random.Random) -> Sent:
    """Sent within minutes, in any order; one of fifty after weeks."""
    late = timedelta(days=chance.randrange(20, 50)) if chance.random() < 0.02 else timedelta()
    return Sent(ended + late + timedelta(seconds=chance.randrange(600)), bytes_of(record))


def _text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"

"""The checker of all faults: what was acknowledged against what is there.

It knows nothing of the service: records are read as JSON, prices worked out by the oracle that
walks through the seconds of a call.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from faults.journal import Fate, Journal, Line
from tests.tariffs import FIRST_TARIFF
from tests.unit import oracle

_ZONE = ZoneInfo("UTC")
NOBODYS = ""


class Wrong(StrEnum):
    """What can be wrong with a record or a call."""

    LOST = "lost"  # Acknowledged, and not there.
    TWICE = "twice"  # There more than once.
    INVENTED = "invented"  # There, and never sent so.
    PRICED_WRONG = "priced wrong"  # Complete without a price, or with another than the oracle's.
    REFUSED = "refused"  # Not taken though it was sent again with nothing in the way.
    CHANGED = "changed"  # Otherwise than before everything was sent again.


class Finding(NamedTuple):
    """Something wrong, and with what: a record, a call's id or a bill's line."""

    wrong: Wrong
    where: str


class Half(NamedTuple):
    """What a record says; an end says nothing of numbers."""

    record_id: str
    at: datetime
    source: str | None = None
    destination: str | None = None

    @property
    def content(self) -> "Half":
        """What makes a repeat of it one: all but the id of the record (rule 3)."""
        return self._replace(record_id="")


class StoredCall(NamedTuple):
    """A row of `calls`: its halves, and what was frozen with its price."""

    call_id: str
    start: Half | None
    end: Half | None
    cents: int | None
    frozen: tuple[Any, ...] = ()


class Contents(NamedTuple):
    """What is there: calls, the bytes that are in suspense, and the lines of all bills."""

    calls: list[StoredCall]
    kept: list[bytes]
    bill_lines: list[str]


def findings(journal: Journal, contents: Contents) -> Iterator[Finding]:
    """Yield what is wrong with `contents`, going by what was sent and acknowledged."""
    halves = [
        (call.call_id, half) for call in contents.calls for half in (call.start, call.end) if half
    ]
    stored = Counter((call_id, half.content) for call_id, half in halves)
    kept, sent = Counter(contents.kept), set()
    for record, fates in journal.fates().items():
        call_id, half = said_by(record)
        sent.add((call_id, half))
        places = {Fate.STORED: stored[call_id, half.content], Fate.KEPT: kept[record]}
        if any(fate in fates and not count for fate, count in places.items()):
            yield Finding(Wrong.LOST, record.decode())
        if sum(places.values()) > 1:
            yield Finding(Wrong.TWICE, record.decode())
    yield from (Finding(Wrong.INVENTED, str(said)) for said in set(halves) - sent)
    for call_id, count in Counter(call.call_id for call in contents.calls).items():
        if count > 1:
            yield Finding(Wrong.TWICE, call_id)
    for call in contents.calls:
        if call.cents != _price_of(call):
            yield Finding(Wrong.PRICED_WRONG, call.call_id)


def refusals(lines: Iterable[Line]) -> Iterator[Finding]:
    """Yield the records of `lines` that were neither stored nor kept."""
    for line in lines:
        for record, fate in line.fates():
            if fate in (Fate.REFUSED, Fate.UNKNOWN):
                yield Finding(Wrong.REFUSED, record.decode())


def changes(before: Contents, after: Contents) -> Iterator[Finding]:
    """Yield the priced calls and the lines of bills that are not what they were before."""
    now = {call.call_id: call for call in after.calls}
    for call in before.calls:
        if call.cents is not None and now.get(call.call_id) != call:
            yield Finding(Wrong.CHANGED, call.call_id)
    for line in Counter(before.bill_lines) - Counter(after.bill_lines):
        yield Finding(Wrong.CHANGED, line)


def said_by(record: bytes) -> tuple[str, Half]:
    """Read a record in its usual form; what cannot be one is of `NOBODYS` call."""
    try:
        told = json.loads(record)
        at = datetime.fromisoformat(told["timestamp"])
        half = Half(told["id"], at, told.get("source"), told.get("destination"))
        return told["call_id"], half
    except (ValueError, TypeError, KeyError):
        return NOBODYS, Half("", datetime.min.replace(tzinfo=_ZONE))


def _price_of(call: StoredCall) -> int | None:
    if call.start is None or call.end is None:
        return None
    return int(oracle.price_of(call.start.at, call.end.at, FIRST_TARIFF, _ZONE) * 100)

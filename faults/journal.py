"""What clients sent, and what they were told: written down before and after each delivery."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


class Fate(StrEnum):
    """What the sender of a record knows of it."""

    STORED = "stored"  # A 2xx: it is a call's half, now or before.
    KEPT = "kept"  # It is in suspense.
    REFUSED = "refused"  # 503, or another answer that keeps nothing.
    UNKNOWN = "unknown"  # No answer came.


class Answer(NamedTuple):
    """What came back: the status, what the body says, and after how many seconds."""

    status: int
    said: dict[str, Any]
    seconds: float
    retry_after: str | None = None


@dataclass(slots=True)
class Line:
    """One delivery: the bytes of its records, and the answer, if one came."""

    records: tuple[bytes, ...]
    answer: Answer | None = None

    def fates(self) -> Iterator[tuple[bytes, Fate]]:
        """Yield each record with what its sender knows of it."""
        if self.answer is None:
            whole = Fate.UNKNOWN
        elif self.answer.said.get("kept"):
            whole = Fate.KEPT
        else:
            whole = Fate.STORED if self.answer.status < 300 else Fate.REFUSED
        alone = {
            self.records[each["index"]]: Fate.KEPT
            for each in (self.answer.said.get("results", ()) if self.answer else ())
            if each["verdict"] == "suspended"
        }
        for record in self.records:
            yield record, alone.get(record, whole)


@dataclass(slots=True)
class Journal:
    """The deliveries of all clients, in the order in which they were sent."""

    lines: list[Line] = field(default_factory=list)

    def sent(self, records: tuple[bytes, ...]) -> Line:
        """Write down that `records` are about to be sent; the line takes the answer."""
        line = Line(records)
        self.lines.append(line)
        return line

    def fates(self) -> dict[bytes, set[Fate]]:
        """Give each record that was sent, with all that its senders know of it."""
        found: dict[bytes, set[Fate]] = {}
        for line in self.lines:
            for record, fate in line.fates():
                found.setdefault(record, set()).add(fate)
        return found

    @property
    def answers(self) -> list[Answer]:
        """All answers that came."""
        return [line.answer for line in self.lines if line.answer]

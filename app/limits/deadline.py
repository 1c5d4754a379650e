"""The deadline of a request: one value, made when the request is complete, and passed down."""

import time
from typing import Self

from app.limits import times


class Deadline:
    """The instant by which something must be finished, on the monotonic clock."""

    __slots__ = ("_expires_at",)

    def __init__(self, expires_at: float) -> None:
        """Take the instant in seconds of `time.monotonic`."""
        self._expires_at = expires_at

    @classmethod
    def after(cls, seconds: float) -> Self:
        """Return the deadline `seconds` from now."""
        return cls(time.monotonic() + seconds)

    @classmethod
    def start(cls) -> Self:
        """Return the deadline of what begins now: a request, or one transaction of a command."""
        return cls.after(times.ANSWER_SECONDS_MAX)

    def within(self, seconds: float) -> "Deadline":
        """Return the earlier of this deadline and the one `seconds` from now."""
        return Deadline(min(self._expires_at, time.monotonic() + seconds))

    def seconds_left(self) -> float:
        """Return the seconds until the deadline; 0 once it has passed."""
        return max(0.0, self._expires_at - time.monotonic())

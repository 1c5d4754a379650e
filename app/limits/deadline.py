"""The deadline of a request: one value, made when its last byte is here, and passed down."""

import time
from typing import Self


class Deadline:
    """The instant by which something must be finished, on the monotonic clock."""

    __slots__ = ("_expires_at",)

    def __init__(self, expires_at: float) -> None:
        """Take the instant in seconds, as `time.monotonic` counts them."""
        self._expires_at = expires_at

    @classmethod
    def after(cls, seconds: float) -> Self:
        """Make the deadline that is `seconds` from now."""
        return cls(time.monotonic() + seconds)

    def seconds_left(self) -> float:
        """Return the seconds until the deadline; 0 once it has passed."""
        return max(0.0, self._expires_at - time.monotonic())

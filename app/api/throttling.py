"""Rate limits: on reading bills and on failed keys, never on delivering records.

The library `limits` counts, the engine of Flask-Limiter. The extension itself would look at every
request, which costs a delivered record a quarter of the time that HTTP takes.
"""

import logging
from ipaddress import IPv6Address, IPv6Network
from typing import cast

from flask import Flask, current_app, request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from app.api.requests import UNAUTHENTICATED, actor
from app.limits import times

logger = logging.getLogger(__name__)

_FAILED_KEYS = RateLimitItemPerMinute(20)


class _Limits:
    """The counter, and the limits per minute."""

    def __init__(self, storage_url: str, bill_reads_a_minute: int) -> None:
        # Storages other than Redis ignore these options.
        storage = storage_from_string(
            storage_url,
            socket_connect_timeout=times.RATE_LIMIT_SECONDS_MAX,
            socket_timeout=times.RATE_LIMIT_SECONDS_MAX,
        )
        self._counter = FixedWindowRateLimiter(storage)
        self.bill_reads = RateLimitItemPerMinute(bill_reads_a_minute)

    def count(self, limit: RateLimitItem, what: str, whose: str) -> bool:
        """Count one more, and return whether it is within the limit."""
        try:
            return self._counter.hit(limit, what, whose)
        except Exception:  # Whatever the storage raises must not refuse anybody a bill.
            logger.warning("a request could not be counted for its rate limit", exc_info=True)
            return True


def register_limits(app: Flask, *, storage_url: str, bill_reads_a_minute: int) -> None:
    """Set up the counter, in the storage of `storage_url`: in memory, per process, or in Redis.

    Raises limits' ConfigurationError for an unknown storage.
    """
    app.extensions["pulso_limits"] = _Limits(storage_url, bill_reads_a_minute)


def check_bill_reads() -> None:
    """Raise TooManyRequests if this key (without keys, this address) has read too many bills."""
    limits = _limits()
    name = actor()
    reader = str(request.remote_addr) if name == UNAUTHENTICATED else name
    if not limits.count(limits.bill_reads, "bills", reader):
        raise TooManyRequests


def count_failed_key() -> bool:
    """Count a failed key of this address, and return whether that exceeds the limit."""
    network = _network(str(request.remote_addr))
    return not _limits().count(_FAILED_KEYS, "failed-keys", network)


def _network(address: str) -> str:
    """Return `address`, or the /64 of an IPv6 address: one customer has a whole /64."""
    try:
        read = IPv6Address(address)
    except ValueError:
        return address
    return address if read.ipv4_mapped else str(IPv6Network((int(read), 64), strict=False))


def _limits() -> _Limits:
    return cast(_Limits, current_app.extensions["pulso_limits"])

"""How often may be asked: bills and failing keys are limited, delivering records never."""

from typing import cast

from flask import Blueprint, Flask, current_app, request
from flask_limiter import Limiter
from limits import RateLimitItemPerMinute

from app.api.requests import UNAUTHENTICATED, actor

_FAILED_KEYS = RateLimitItemPerMinute(20)


def register_limits(
    app: Flask, bills: Blueprint, *, storage_url: str, bill_reads_a_minute: int
) -> None:
    """Limit the bills that each key, or without keys each address, reads in a minute.

    They are the routes of `bills`, counted in the memory of each process, or where `storage_url`
    says.
    """
    limiter = Limiter(
        _reader,
        app=app,
        storage_uri=storage_url,
        swallow_errors=True,  # Where it cannot be counted, nobody is kept from a bill.
    )
    limiter.limit(f"{bill_reads_a_minute} per minute")(bills)
    app.extensions["pulso_limiter"] = limiter


def has_failed_too_often() -> bool:
    """Count one more failed key of this address, and say whether that is one too many."""
    limiter = cast(Limiter, current_app.extensions["pulso_limiter"])
    try:
        return not limiter.limiter.hit(_FAILED_KEYS, "failed-keys", str(request.remote_addr))
    except Exception:  # Of whatever storage was chosen: the key has failed all the same.
        return False


def _reader() -> str:
    name = actor()
    return str(request.remote_addr) if name == UNAUTHENTICATED else name

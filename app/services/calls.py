"""Calls, as staff look at them: one with its breakdown, and those that still wait for a half."""

from datetime import datetime
from typing import NamedTuple

from app.database.transactions import retrying, transaction
from app.domain.call import Call, OpenCallsPage
from app.domain.errors import NotFound
from app.domain.rating import RatedCall, rate_call
from app.domain.tariff import Tariff
from app.services.pricing import Pricing
from app.store import calls


class CallDetails(NamedTuple):
    """A call, and for a priced one the tariff it was frozen under and the parts of its price."""

    call: Call
    tariff: Tariff | None
    breakdown: RatedCall | None


def call_details(call_id: str, *, pricing: Pricing) -> CallDetails:
    """Give all that is known of a call. Raises NotFound for one of which nothing was received."""
    return retrying(lambda: _read_details(call_id, pricing))


def open_calls(before: datetime, page: OpenCallsPage, limit: int) -> list[Call]:
    """Give at most `limit` calls that wait for a half and have one from before `before`."""
    return retrying(lambda: _read_open(before, page, limit))


def _read_details(call_id: str, pricing: Pricing) -> CallDetails:
    with transaction(read_only=True) as cursor:
        call = calls.look_up(cursor, [call_id]).get(call_id)
        if call is None:
            raise NotFound("Nothing was received of a call with this call_id.")
        if call.start is None or call.end is None or call.price is None:
            return CallDetails(call, None, None)
        tariff = pricing.book_for(cursor, call.start.started_at).with_id(call.price.tariff_id)
    assert tariff is not None  # A tariff that has begun is never deleted.
    return CallDetails(call, tariff, rate_call(call.start.started_at, call.end.ended_at, tariff))


def _read_open(before: datetime, page: OpenCallsPage, limit: int) -> list[Call]:
    with transaction(read_only=True) as cursor:
        return calls.open_calls(cursor, before, page, limit)

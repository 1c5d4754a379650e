"""Calls, as staff see them: one call with its breakdown, and the calls that wait for a half."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from app.database.transactions import read
from app.domain.call import Call, OpenCallsPage
from app.domain.errors import NotFound
from app.domain.rating import RatedCall, rate_call
from app.domain.tariff import Tariff
from app.limits.deadline import Deadline
from app.services.pricing import Pricing
from app.store import calls
from app.store import open_calls as store


class CallDetails(NamedTuple):
    """A call; if it is priced, also the tariff of its price and the parts of the price."""

    call: Call
    tariff: Tariff | None
    breakdown: RatedCall | None


def call_details(call_id: str, *, pricing: Pricing, deadline: Deadline) -> CallDetails:
    """Return what is known of a call. Raises NotFound if no record of it was received."""

    def details(connection: Connection) -> CallDetails:
        call = calls.look_up(connection, [call_id]).get(call_id)
        if call is None:
            raise NotFound("Nothing was received of a call with this call_id.")
        if call.start is None or call.end is None or call.price is None:
            return CallDetails(call, None, None)
        tariff = pricing.book_for(connection, call.start.started_at).with_id(call.price.tariff_id)
        assert tariff is not None  # A tariff that has begun is never deleted.
        rated = rate_call(call.start.started_at, call.end.ended_at, tariff)
        return CallDetails(call, tariff, rated)

    return read(details, deadline=deadline)


def open_calls(
    before: datetime, page: OpenCallsPage, limit: int, *, deadline: Deadline
) -> list[Call]:
    """Return at most `limit` calls that wait for a half and have one from before `before`."""
    return read(
        lambda connection: store.list_page(connection, before, page, limit), deadline=deadline
    )

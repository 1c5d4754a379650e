"""Calls, as staff see them: one call with its breakdown, and the calls that wait for a half."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from app.database.transactions import read
from app.domain.call import Call, OpenCallsPage, OpenState
from app.domain.errors import NotFound
from app.domain.rating import RatedCall, rate_call
from app.domain.suspense import SuspendedRecord
from app.domain.tariff import Tariff
from app.limits.deadline import Deadline
from app.services.pricing import Pricing
from app.store import calls, suspense
from app.store import open_calls as store


class CallDetails(NamedTuple):
    """A call, and the open suspended records that have its call_id.

    If it is priced, `call_details` adds the tariff of its price and the parts of the price.
    """

    call: Call
    suspended: Sequence[SuspendedRecord] = ()
    tariff: Tariff | None = None
    breakdown: RatedCall | None = None


def call_details(call_id: str, *, pricing: Pricing, deadline: Deadline) -> CallDetails:
    """Return what is known of a call. Raises NotFound if no record of it was received."""

    def details(connection: Connection) -> CallDetails:
        call = calls.look_up(connection, [call_id]).get(call_id)
        suspended = suspense.open_of_calls(connection, [call_id]).get(call_id, [])
        if call is None:
            raise NotFound(_nothing_stored(suspended))
        if call.start is None or call.end is None or call.price is None:
            return CallDetails(call, suspended)
        tariff = pricing.book_for(connection, call.start.started_at).with_id(call.price.tariff_id)
        assert tariff is not None  # A tariff that has begun is never deleted.
        rated = rate_call(call.start.started_at, call.end.ended_at, tariff)
        return CallDetails(call, suspended, tariff, rated)

    return read(details, deadline=deadline)


def open_calls(
    state: OpenState, before: datetime, page: OpenCallsPage, limit: int, *, deadline: Deadline
) -> list[CallDetails]:
    """Return at most `limit` calls that wait for a half and have one from before `before`."""

    def find(connection: Connection) -> list[CallDetails]:
        found = store.list_page(connection, state, before, page, limit)
        suspended = suspense.open_of_calls(connection, [call.call_id for call in found])
        return [CallDetails(call, suspended.get(call.call_id, ())) for call in found]

    return read(find, deadline=deadline)


def _nothing_stored(suspended: Sequence[SuspendedRecord]) -> str:
    if not suspended:
        return "Nothing was received of a call with this call_id."
    ids = ", ".join(each.content_hash.hex() for each in suspended)
    return f"No half of this call is stored. Suspended records have its call_id: {ids}."

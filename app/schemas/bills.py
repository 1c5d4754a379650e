"""Bills: each field of a bill and its lines is declared here, for JSON, CSV and the document.

JSON and CSV show the fields in this order.
"""

from datetime import datetime

from app.schemas.fields import (
    COUNT,
    TEXT,
    Amount,
    AnswerSchema,
    Count,
    Currency,
    Duration,
    Identifier,
    Items,
    Member,
    Month,
    NumberOrPseudonym,
    Price,
    or_null,
)
from app.schemas.tariffs import TariffNameSchema

DATE = {"type": "string", "format": "date"}
CLOCK_TIME = {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}:[0-9]{2}$"}


def _date_text(instant: datetime) -> str:
    return instant.date().isoformat()


def _clock_time_text(instant: datetime) -> str:
    return instant.time().isoformat("seconds")


class BillLineSchema(AnswerSchema):
    """A call on a bill; `attribute` names an attribute of `domain.bill.BilledCall`."""

    call_id = Identifier(attribute="line.call_id")
    destination = NumberOrPseudonym(attribute="line.destination")
    start_date = Member(DATE, attribute="started_at", write=_date_text)
    start_time = Member(CLOCK_TIME, attribute="started_at", write=_clock_time_text)
    duration = Duration(attribute="duration_seconds")
    duration_seconds = Count()
    price = Price(attribute="line.price")
    amount = Amount(attribute="line.price")
    late = Member(
        {"type": "boolean", "description": "Priced after the month had closed."},
        attribute="is_late",
    )


class BillHeadSchema(AnswerSchema):
    """Whose bill it is, and of which month."""

    subscriber = NumberOrPseudonym()
    subscriber_name = Member(or_null(TEXT))
    period = Month()


class _Totals(AnswerSchema):
    call_count = Count()
    total_duration = Duration(attribute="total_duration_seconds")
    total_duration_seconds = Count()
    total = Price()
    total_amount = Amount(attribute="total")
    currency = Currency()
    tariffs = Items(TariffNameSchema)
    unpriced_calls = Member(
        COUNT | {"description": "Calls that started in the month and still wait for their end."}
    )


class _Calls(AnswerSchema):
    calls = Items(BillLineSchema)


class BillSchema(_Totals, _Calls, BillHeadSchema):
    """A bill. Schemas inherit the fields of the last base first."""


class BillTotalsSchema(_Totals, BillHeadSchema):
    """A bill without its calls."""

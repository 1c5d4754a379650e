"""Bills: each field of a bill and its lines is declared here, for JSON, CSV and the document.

JSON and CSV show the fields in this order.
"""

from datetime import datetime

from app.schemas import fields
from app.schemas.tariffs import TariffNameSchema

DATE = {"type": "string", "format": "date"}
CLOCK_TIME = {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}:[0-9]{2}$"}


def _date_text(instant: datetime) -> str:
    return instant.date().isoformat()


def _clock_time_text(instant: datetime) -> str:
    return instant.time().isoformat("seconds")


class BillLineSchema(fields.AnswerSchema):
    """A call on a bill; `attribute` names an attribute of `domain.bill.BilledCall`."""

    call_id = fields.Identifier(attribute="line.call_id")
    destination = fields.NumberOrPseudonym(attribute="line.destination")
    start_date = fields.Member(DATE, attribute="started_at", write=_date_text)
    start_time = fields.Member(CLOCK_TIME, attribute="started_at", write=_clock_time_text)
    duration = fields.Duration(attribute="duration_seconds")
    duration_seconds = fields.Count()
    price = fields.Price(attribute="line.price")
    amount = fields.Amount(attribute="line.price")
    late = fields.Member(
        {"type": "boolean", "description": "Whether it was priced after the month had closed."},
        attribute="is_late",
    )


class BillHeadSchema(fields.AnswerSchema):
    """The subscriber and the month of a bill, and the time zone of its dates and times."""

    subscriber = fields.NumberOrPseudonym()
    subscriber_name = fields.Member(fields.or_null(fields.TEXT))
    period = fields.Month()
    time_zone = fields.Member(fields.TIME_ZONE, attribute="zone.key")


class _Totals(fields.AnswerSchema):
    call_count = fields.Count()
    total_duration = fields.Duration(attribute="total_duration_seconds")
    total_duration_seconds = fields.Count()
    total = fields.Price()
    total_amount = fields.Amount(attribute="total")
    currency = fields.Currency()
    tariffs = fields.Items(TariffNameSchema)
    unpriced_calls = fields.Member(
        fields.COUNT
        | {"description": "Calls that started in the month and still wait for their end."}
    )


class _Calls(fields.AnswerSchema):
    calls = fields.Items(BillLineSchema)


class BillSchema(_Totals, _Calls, BillHeadSchema):
    """A bill. Schemas inherit the fields of the last base first."""


class BillTotalsSchema(_Totals, BillHeadSchema):
    """A bill without its calls."""


class BillRunEndSchema(fields.AnswerSchema):
    """The last line of a bill run: without it the run was cut off."""

    complete = fields.Member({"enum": [True]})
    bills = fields.Count()
    calls = fields.Count()
    total_amount = fields.Amount(attribute="total")
    unpriced_calls = fields.Count()

"""Calls, and what their prices are made of."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.domain.call import Verdict
from app.domain.call_record import read_identifier
from app.domain.rating import RatedCall, Segment
from app.domain.suspense import read_suspense_id
from app.schemas import fields
from app.schemas.call_records import (
    IDENTIFIER_AS_DELIVERED,
    CallSummarySchema,
    RecordAsReadSchema,
)
from app.schemas.suspense import SuspendedRecordNameSchema, SuspendedRecordSchema
from app.schemas.tariffs import TariffNameSchema


class CallSchema(CallSummarySchema):
    """A call with both halves; a missing half is null."""

    start = fields.Object(RecordAsReadSchema, allow_none=True)
    end = fields.Object(RecordAsReadSchema, allow_none=True)
    contested = fields.Member(
        {"type": "boolean", "description": "Whether the missing half waits for a person."},
        attribute="is_contested",
    )
    suspended_records = fields.Items(
        SuspendedRecordNameSchema,
        shape={"description": "The open suspended records that have this call_id."},
        attribute="suspended",
    )

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Read from the service's `CallDetails` what it adds to a call, all else from the call."""
        if attr.startswith("breakdown") and obj.breakdown is None:
            return default
        source = obj if attr.startswith(("breakdown", "suspended")) else obj.call
        return super().get_attribute(source, attr, default)


def _whole_seconds(length: timedelta) -> int:
    return int(length.total_seconds())


class ListedCallSchema(CallSchema):
    """A call in a list; a complete one has its length, and the month of its bill."""

    optional = (*CallSchema.optional, "duration_seconds", "period", "priced_at")

    duration_seconds = fields.Count(attribute="duration", write=_whole_seconds)
    period = fields.Month(attribute="price.period")
    priced_at = fields.Instant(attribute="price.priced_at")

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Leave out the length of a call that has none."""
        value = super().get_attribute(obj, attr, default)
        return default if attr == "duration" and value is None else value


class OpenCallsSchema(fields.AnswerSchema):
    """A page of calls: those that wait for a half, or long or old ones."""

    calls = fields.Items(ListedCallSchema)
    next_cursor = fields.NextCursor()


class _LocalSegment(NamedTuple):
    """A stretch of a call, on the wall clock of its tariff."""

    segment: Segment
    started_at: datetime
    ended_at: datetime


class SegmentSchema(fields.AnswerSchema):
    """A stretch of a call in one time band."""

    band = fields.Text(attribute="segment.band.name")
    started_at = fields.Member(fields.INSTANT, write=datetime.isoformat, data_key="from")
    ended_at = fields.Member(fields.INSTANT, write=datetime.isoformat, data_key="to")
    seconds = fields.Member({"type": "number", "minimum": 0}, attribute="segment.seconds")
    charged_minutes = fields.Count(attribute="segment.charged_minutes")
    minute_rate = fields.ExactAmount(attribute="segment.band.minute_rate")
    amount = fields.ExactAmount(attribute="segment.amount")


class _Segments(fields.Items):
    def get_value(self, obj: RatedCall, *_: Any, **__: Any) -> list[Any]:
        zone = obj.tariff.zone
        return [
            _LocalSegment(each, each.started_at.astimezone(zone), each.ended_at.astimezone(zone))
            for each in obj.segments
        ]


class BreakdownSchema(fields.AnswerSchema):
    """The parts of a price; `amount` is their exact sum."""

    standing_charge = fields.ExactAmount(attribute="standing_band.standing_charge")
    segments = _Segments(SegmentSchema)
    amount = fields.ExactAmount()


class _Rated(fields.AnswerSchema):
    """The length of a call, and the parts of its price."""

    currency = fields.Currency(attribute="breakdown.tariff.currency")
    duration = fields.Duration(attribute="breakdown.duration_seconds")
    duration_seconds = fields.Count(attribute="breakdown.duration_seconds")
    tariff = fields.Object(TariffNameSchema, attribute="breakdown.tariff")
    breakdown = fields.Object(BreakdownSchema)


class CallDetailsSchema(_Rated, CallSchema):
    """A call, and for a priced one what its price is made of."""

    optional = (
        *CallSchema.optional,
        *("currency", "duration", "duration_seconds", "tariff", "breakdown"),
        *("period", "priced_at"),
    )

    period = fields.Month(attribute="price.period")
    priced_at = fields.Instant(attribute="price.priced_at")


class _Preview(fields.AnswerSchema):
    started_at = fields.Instant(attribute="breakdown.started_at")
    ended_at = fields.Instant(attribute="breakdown.ended_at")
    price = fields.Price(attribute="breakdown.price")
    amount = fields.Amount(attribute="breakdown.price")


class PricePreviewSchema(_Rated, _Preview):
    """What a call would cost, and what that is made of."""


def _read_suspense_ids(value: object) -> list[str]:
    if not isinstance(value, list) or not value:
        raise ValueError("must be a list of at least one suspense_id")
    return [read_suspense_id(each) for each in value]


class SettlementSchema(fields.RequestSchema):
    """Which suspended records of a call belong to another call, and the call_id that it gets."""

    call_id = fields.Member(IDENTIFIER_AS_DELIVERED, read=read_identifier, required=True)
    other_call_id = fields.Member(IDENTIFIER_AS_DELIVERED, read=read_identifier, required=True)
    records = fields.Member(
        {"type": "array", "items": fields.SUSPENSE_ID_OR_FIRST_DIGITS, "minItems": 1},
        read=_read_suspense_ids,
        required=True,
    )


class SettledRecordSchema(fields.AnswerSchema):
    """What became of a suspended record; `call` is null while it stays in suspense."""

    verdict = fields.Member({"enum": list(Verdict)}, attribute="outcome.verdict")
    call = fields.Object(CallSummarySchema, attribute="outcome.call", allow_none=True)
    suspended_record = fields.Object(SuspendedRecordSchema, attribute="suspended")


class SettledSchema(fields.AnswerSchema):
    """What became of the suspended records of a call, the moved ones first."""

    results = fields.Items(SettledRecordSchema)

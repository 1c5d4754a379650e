"""Call records as delivered, and what the intake answers.

A schema declares which fields a record has; `app/domain/call_record.py` reads their values.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from marshmallow import EXCLUDE, Schema, ValidationError
from marshmallow.fields import Field

from app.domain.call import Call, CallState, Reason, Verdict
from app.domain.call_record import (
    CallRecord,
    EndRecord,
    RecordType,
    StartRecord,
    is_ambiguous,
    read_identifier,
    read_instant,
    read_record_type,
    read_telephone_number,
)
from app.domain.strict_json import Repeating
from app.schemas import fields

IDENTIFIER_AS_DELIVERED = {
    "type": ["string", "integer"],
    "pattern": "^[ -~]{1,128}$",
    "minimum": 0,
    "description": "Printable ASCII; outer spaces are dropped, an integer is taken as its digits.",
}
_TIMESTAMP = {
    "type": "string",
    "format": "date-time",
    "description": "ISO 8601, up to microseconds; without an offset, wall clock of the billing"
    " zone.",
}
_TELEPHONE_NUMBER = {
    "type": ["string", "integer"],
    "pattern": "^[1-9][0-9]{9,10}$",
    "minimum": 10**9,
    "maximum": 10**11 - 1,
}


class InvalidRecord(Exception):
    """A record that cannot be used, and the reason; `errors` as in a problem's `errors`.

    `call_id` is None if it cannot be read either.
    """

    def __init__(
        self,
        errors: list[dict[str, str]],
        reason: Reason = Reason.INVALID_RECORD,
        call_id: str | None = None,
    ) -> None:
        super().__init__(errors)
        self.errors = errors
        self.reason = reason
        self.call_id = call_id


class CallRecordReader:
    """Reads decoded JSON objects as call records. Unknown fields are ignored."""

    def __init__(self, billing_zone: ZoneInfo) -> None:
        self.billing_zone = billing_zone
        read_timestamp = partial(read_instant, billing_zone=billing_zone)
        end: dict[str, Field[Any]] = {
            "type": fields.Member({"enum": [RecordType.END]}, read=read_record_type, required=True),
            "id": fields.Member(IDENTIFIER_AS_DELIVERED, read=read_identifier, required=True),
            "call_id": fields.Member(IDENTIFIER_AS_DELIVERED, read=read_identifier),
            "timestamp": fields.Member(_TIMESTAMP, read=read_timestamp, required=True),
        }
        start = end | {
            "type": fields.Member(
                {"enum": [RecordType.START]}, read=read_record_type, required=True
            ),
            "source": fields.Member(_TELEPHONE_NUMBER, read=read_telephone_number, required=True),
            "destination": fields.Member(
                _TELEPHONE_NUMBER, read=read_telephone_number, required=True
            ),
        }
        # The end carries no numbers; if it does, they are ignored (rule 2).
        self.end = Schema.from_dict(end, name="EndRecord")(unknown=EXCLUDE)
        self.start = Schema.from_dict(start, name="StartRecord")(unknown=EXCLUDE)

    def read(self, value: Mapping[str, Any], received_at: datetime) -> CallRecord:
        """Return the record that `value` is. Raises InvalidRecord."""
        if isinstance(value, Repeating):
            raise InvalidRecord(value.errors)
        is_start = str(value.get("type")).lower() == RecordType.START
        try:
            read = (self.start if is_start else self.end).load(value)
        except ValidationError as error:
            call_id = (
                None if "call_id" in error.messages_dict else _call_id(dict(error.valid_data or {}))
            )
            is_ambiguous_time = error.messages_dict.keys() == {"timestamp"} and is_ambiguous(
                value.get("timestamp"), self.billing_zone
            )
            reason = Reason.AMBIGUOUS_TIME if is_ambiguous_time else Reason.INVALID_RECORD
            raise InvalidRecord(fields.pointers(error), reason, call_id) from None
        call_id = _call_id(read)
        if is_start:
            return StartRecord(
                call_id,
                read["id"],
                read["timestamp"],
                read["source"],
                read["destination"],
                received_at,
            )
        return EndRecord(call_id, read["id"], read["timestamp"], received_at)


def _call_id(read: Mapping[str, Any]) -> Any:
    # Without call_id, the two records of a call share one id, and it names the call (rule 4).
    return read.get("call_id", read.get("id"))


class RecordAsReadSchema(fields.AnswerSchema):
    """A record as it was understood."""

    optional = ("source", "destination")

    id = fields.Identifier(attribute="record_id")
    type = fields.Member({"enum": ["start", "end"]}, attribute="record_type")
    timestamp = fields.Instant()
    call_id = fields.Identifier()
    source = fields.NumberOrPseudonym()
    destination = fields.NumberOrPseudonym()
    received_at = fields.Instant()


class CallSummarySchema(fields.AnswerSchema):
    """A call's state, and its price if it has one."""

    optional: tuple[str, ...] = ("price", "amount")

    call_id = fields.Identifier()
    state = fields.Member({"enum": list(CallState)})
    price = fields.Price(attribute="price.cents")
    amount = fields.Amount(attribute="price.cents")


class StoredSchema(fields.AnswerSchema):
    """A record that is stored, now or before."""

    verdict = fields.Member({"enum": [Verdict.STORED, Verdict.DUPLICATE]})
    record = fields.Object(RecordAsReadSchema)
    call = fields.Object(CallSummarySchema)


class StoredRecord(NamedTuple):
    """The value that `StoredSchema` writes."""

    verdict: Verdict
    record: CallRecord
    call: Call


class KeptSchema(fields.AnswerSchema):
    """A record that is kept in suspense, to a sender that prefers `handling=lenient`."""

    verdict = fields.Member({"enum": [Verdict.SUSPENDED]})
    suspense_id = fields.SuspenseId()
    reason = fields.Member(fields.ref("Reason"))


class Result(NamedTuple):
    """The value that `ResultSchema` writes: an outcome of ingestion, and its place in the body.

    `line` is the number of the record's first line, if the body has lines.
    """

    place: int
    outcome: Any
    line: int | None = None


class ResultSchema(fields.AnswerSchema):
    """What became of one record of many that was not newly stored."""

    optional = ("line", "reason", "suspense_id", "errors")

    index = fields.Count(attribute="place")
    line = fields.Member({"type": "integer", "minimum": 1})
    verdict = fields.Member(
        {"enum": [Verdict.DUPLICATE, Verdict.SUSPENDED]}, attribute="outcome.verdict"
    )
    reason = fields.Member(fields.ref("Reason"), attribute="outcome.reason")
    suspense_id = fields.SuspenseId(attribute="outcome.suspense_id")
    errors = fields.Member(fields.ref("Errors"), attribute="outcome.errors", write=list)


class ReportSchema(fields.AnswerSchema):
    """What became of many records."""

    received = fields.Count()
    stored = fields.Count()
    duplicate = fields.Count()
    suspended = fields.Count()
    calls_priced = fields.Count()
    results = fields.Items(
        ResultSchema,
        shape={"description": "The records that were not newly stored, in order."},
    )

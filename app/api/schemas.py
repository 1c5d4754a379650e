"""The shape of a record; what its values mean is read in `app/domain/call_record.py`."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from app.domain.call_record import (
    CallRecord,
    EndRecord,
    RecordType,
    StartRecord,
    read_identifier,
    read_instant,
    read_record_type,
    read_telephone_number,
)

# What the OpenAPI document says of the values, which are read by functions of the domain.
_IDENTIFIER = {
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
    """A record that cannot be used; `errors` as in a problem's `errors`."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__(errors)
        self.errors = errors


class _Read(fields.Field[Any]):
    """A required field whose value is read by a function of the domain."""

    def __init__(self, read: Callable[[object], Any], **options: Any) -> None:
        messages: dict[str, Any] = {"required": "is missing", "null": "must not be null"}
        super().__init__(error_messages=messages, **{"required": True, **options})
        self._read = read

    def _deserialize(self, value: object, *_: Any, **__: Any) -> Any:
        try:
            return self._read(value)
        except ValueError as error:
            raise ValidationError(str(error)) from None


class CallRecordReader:
    """Reads decoded JSON objects as call records. Fields that no record has are ignored."""

    def __init__(self, billing_zone: ZoneInfo) -> None:
        self.billing_zone = billing_zone
        read_timestamp = partial(read_instant, billing_zone=billing_zone)
        end: dict[str, fields.Field[Any]] = {
            "type": _Read(read_record_type, metadata={"enum": [RecordType.END]}),
            "id": _Read(read_identifier, metadata=_IDENTIFIER),
            "call_id": _Read(read_identifier, required=False, metadata=_IDENTIFIER),
            "timestamp": _Read(read_timestamp, metadata=_TIMESTAMP),
        }
        start = end | {
            "type": _Read(read_record_type, metadata={"enum": [RecordType.START]}),
            "source": _Read(read_telephone_number, metadata=_TELEPHONE_NUMBER),
            "destination": _Read(read_telephone_number, metadata=_TELEPHONE_NUMBER),
        }
        # The end carries no numbers; if it does, they are ignored (rule 2).
        self.end = Schema.from_dict(end, name="EndRecord")(unknown=EXCLUDE)
        self.start = Schema.from_dict(start, name="StartRecord")(unknown=EXCLUDE)

    def read(self, value: Mapping[str, Any], received_at: datetime) -> CallRecord:
        """Give the record that `value` is. Raises InvalidRecord."""
        is_start = str(value.get("type")).lower() == RecordType.START
        try:
            read = (self.start if is_start else self.end).load(value)
        except ValidationError as error:
            raise InvalidRecord(
                [
                    {"pointer": f"/{name}", "detail": detail}
                    for name, details in error.messages_dict.items()
                    for detail in details
                ]
            ) from None
        # Without call_id, the two records of a call share one id, and it names the call (rule 4).
        call_id = read.get("call_id", read["id"])
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

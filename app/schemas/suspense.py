"""Suspended records, and what staff do about them."""

import base64

from marshmallow import fields

from app.domain.call_record import instant_text
from app.domain.suspense import NOTE_LENGTH_MAX, Resolution, read_note
from app.schemas.call_records import StoredSchema
from app.schemas.fields import (
    INSTANT,
    TEXT,
    AnswerSchema,
    Instant,
    Items,
    Member,
    NextCursor,
    RequestSchema,
    SuspenseId,
    or_null,
    ref,
)


def _utf_8_or_none(received: bytes) -> str | None:
    try:
        return received.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _base64(received: bytes) -> str:
    return base64.b64encode(received).decode()


class SuspendedRecordSchema(AnswerSchema):
    """A suspended record, without its bytes."""

    suspense_id = SuspenseId(attribute="content_hash", write=bytes.hex)
    state = Member({"enum": ["open", "resolved"]})
    reason = Member(ref("Reason"))
    errors = Member(ref("Errors"))
    times_seen = Member({"type": "integer", "minimum": 1})
    received_at = Instant()
    last_received_at = Instant()
    resolved_at = Member(or_null(INSTANT), write=instant_text)
    resolution = Member({"enum": [*Resolution, None]})
    note = Member(or_null(TEXT))


class SuspendedRecordWithBytesSchema(SuspendedRecordSchema):
    """A suspended record with the bytes that were received."""

    received_text = Member(
        or_null(TEXT) | {"description": "The bytes received, as text if they are UTF-8."},
        attribute="received",
        write=_utf_8_or_none,
    )
    received_base64 = Member(
        TEXT | {"contentEncoding": "base64"}, attribute="received", write=_base64
    )


class SuspendedRecordsSchema(AnswerSchema):
    """A page of suspended records."""

    suspended_records = Items(SuspendedRecordSchema)
    next_cursor = NextCursor()


class OpenCountsSchema(AnswerSchema):
    """How many records are open for each reason."""

    open = Member(
        {
            "type": "object",
            "propertyNames": ref("Reason"),
            "additionalProperties": {"type": "integer", "minimum": 1},
        }
    )


class RetriedSchema(StoredSchema):
    """A suspended record that was stored, or found to be a duplicate."""

    suspended_record = fields.Nested(SuspendedRecordSchema)


class NoteSchema(RequestSchema):
    """Why a suspended record is written off."""

    note = Member(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": NOTE_LENGTH_MAX,
            "description": "Why. Without control characters other than line breaks.",
        },
        read=read_note,
        required=True,
    )

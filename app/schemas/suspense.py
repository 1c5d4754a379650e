"""Suspended records, and what staff do about them."""

import base64

from app.domain.call_record import instant_text
from app.domain.suspense import NOTE_LENGTH_MAX, SHORT_ID_DIGITS, Resolution, read_note
from app.schemas import fields
from app.schemas.call_records import StoredSchema


def _utf_8_or_none(received: bytes) -> str | None:
    try:
        return received.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _base64(received: bytes) -> str:
    return base64.b64encode(received).decode()


class SuspendedRecordNameSchema(fields.AnswerSchema):
    """The id of a suspended record, and why it is there."""

    suspense_id = fields.SuspenseId(attribute="content_hash", write=bytes.hex)
    reason = fields.Member(fields.ref("Reason"))


class SuspendedRecordSchema(fields.AnswerSchema):
    """A suspended record, without its bytes."""

    short_id = fields.Member(
        {
            "type": "string",
            "pattern": f"^[0-9a-f]{{{SHORT_ID_DIGITS}}}$",
            "description": "The first digits of `suspense_id`, which stand for it.",
        }
    )
    suspense_id = fields.SuspenseId(attribute="content_hash", write=bytes.hex)
    state = fields.Member({"enum": ["open", "resolved"]})
    reason = fields.Member(fields.ref("Reason"))
    errors = fields.Member(fields.ref("Errors"))
    call_id = fields.Member(fields.or_null(fields.IDENTIFIER))
    beginning = fields.Member(
        fields.TEXT
        | {
            "description": "The first bytes, as one line for people: what cannot be printed is"
            " escaped, such as `\\xff`, and `…` ends it if there are more bytes."
        }
    )
    times_seen = fields.Member({"type": "integer", "minimum": 1})
    received_at = fields.Instant()
    last_received_at = fields.Instant()
    resolved_at = fields.Member(fields.or_null(fields.INSTANT), write=instant_text)
    resolution = fields.Member({"enum": [*Resolution, None]})
    note = fields.Member(fields.or_null(fields.TEXT))


class SuspendedRecordWithBytesSchema(SuspendedRecordSchema):
    """A suspended record with the bytes that were received."""

    received_text = fields.Member(
        fields.or_null(fields.TEXT)
        | {"description": "The bytes received, as text if they are UTF-8."},
        attribute="received",
        write=_utf_8_or_none,
    )
    received_base64 = fields.Member(
        fields.TEXT | {"contentEncoding": "base64"}, attribute="received", write=_base64
    )


class SuspendedRecordsSchema(fields.AnswerSchema):
    """A page of suspended records."""

    suspended_records = fields.Items(SuspendedRecordSchema)
    next_cursor = fields.NextCursor()


class OpenCountsSchema(fields.AnswerSchema):
    """How many records are open for each reason."""

    open = fields.Member(
        {
            "type": "object",
            "propertyNames": fields.ref("Reason"),
            "additionalProperties": {"type": "integer", "minimum": 1},
        }
    )


class RetriedSchema(StoredSchema):
    """A suspended record that was stored, or found to be a duplicate."""

    suspended_record = fields.Object(SuspendedRecordSchema)


class NoteSchema(fields.RequestSchema):
    """Why a suspended record is written off, or accepted."""

    note = fields.Member(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": NOTE_LENGTH_MAX,
            "description": "Why. Without control characters other than line breaks.",
        },
        read=read_note,
        required=True,
    )

"""`/v1/suspense` and `/v1/audit`: what staff look after."""

from app.api.openapi.call_records import RECORD_FORMS
from app.api.openapi.call_records import SCHEMAS as RECORD_SCHEMAS
from app.api.openapi.parts import (
    COUNT,
    INSTANT,
    PAGING,
    SUSPENSE_ID,
    Json,
    Operation,
    as_json,
    members,
    or_null,
    page_of,
    query,
    ref,
)
from app.domain.audit import Act
from app.domain.call import Reason
from app.domain.suspense import NOTE_LENGTH_MAX, Resolution

_SUSPENDED: Json = {
    "suspense_id": SUSPENSE_ID,
    "state": {"enum": ["open", "resolved"]},
    "reason": ref("Reason"),
    "errors": ref("Errors"),
    "times_seen": {"type": "integer", "minimum": 1},
    "received_at": INSTANT,
    "last_received_at": INSTANT,
    "resolved_at": or_null(INSTANT),
    "resolution": {"enum": [*Resolution, None]},
    "note": {"type": ["string", "null"]},
}
_RECEIVED: Json = {
    "received_text": {
        "type": ["string", "null"],
        "description": "The bytes received, as text if they are UTF-8.",
    },
    "received_base64": {"type": "string", "contentEncoding": "base64"},
}

SCHEMAS: Json = {
    "SuspendedRecord": members(_SUSPENDED),
    "SuspendedRecordWithBytes": members(_SUSPENDED | _RECEIVED),
    "SuspendedRecords": page_of("suspended_records", ref("SuspendedRecord")),
    "OpenCounts": members(
        {
            "open": {
                "type": "object",
                "propertyNames": ref("Reason"),
                "additionalProperties": {"type": "integer", "minimum": 1},
            }
        }
    ),
    "Retried": members(
        RECORD_SCHEMAS["Stored"]["properties"] | {"suspended_record": ref("SuspendedRecord")}
    ),
    "Note": members(
        {
            "note": {
                "type": "string",
                "minLength": 1,
                "maxLength": NOTE_LENGTH_MAX,
                "description": "Why. Without control characters other than line breaks.",
            }
        }
    ),
    "AuditLine": members(
        {
            "id": COUNT,
            "happened_at": INSTANT,
            "actor": {"type": "string"},
            "act": {"enum": list(Act)},
            "subject": {"type": "string"},
            "before": {"type": ["object", "null"]},
            "after": {"type": ["object", "null"]},
        }
    ),
    "AuditLines": page_of("lines", ref("AuditLine")),
}

OPERATIONS = {
    "list_suspense": Operation(
        {200: as_json("A page of them.", ref("SuspendedRecords"))},
        ("invalid-parameter",),
        parameters=(
            query("state", {"enum": ["open", "resolved"], "default": "open"}, "Which ones."),
            query(
                "reason",
                {"enum": ["", *Reason], "default": ""},
                "Only those of this reason; if empty, all.",
            ),
            *PAGING,
        ),
    ),
    "count_suspense": Operation({200: as_json("The counts.", ref("OpenCounts"))}),
    "show_suspended_record": Operation(
        {200: as_json("The suspended record.", ref("SuspendedRecordWithBytes"))}, ("not-found",)
    ),
    "retry_suspended_record": Operation(
        {200: as_json("It was stored, or found to be a duplicate.", ref("Retried"))},
        ("not-found", "already-resolved", *Reason),
        body=RECORD_FORMS,
        is_body_required=False,
        description="If it cannot be stored, `kept` says what became of it: `true` without a body,"
        " since it stays; `false` with one, since a correction is not kept.",
    ),
    "write_off_suspended_record": Operation(
        {200: as_json("Written off.", ref("SuspendedRecord"))},
        ("not-found", "already-resolved", "invalid-request"),
        body={"application/json": ref("Note")},
    ),
    "list_audit": Operation(
        {200: as_json("A page of the log.", ref("AuditLines"))},
        ("invalid-parameter",),
        parameters=(
            query(
                "subject",
                {"type": "string"},
                "Only lines on this tariff id, number, suspense id or month.",
            ),
            *PAGING,
        ),
    ),
}

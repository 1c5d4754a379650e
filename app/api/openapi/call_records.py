"""`/v1/call-records`, and a record's schemas: those that validate it, and that of an answer."""

from zoneinfo import ZoneInfo

from app.api.openapi.parts import (
    AMOUNT,
    COUNT,
    IDENTIFIER,
    INSTANT,
    NUMBER_OR_PSEUDONYM,
    PRICE,
    SUSPENSE_ID,
    Answer,
    Json,
    Operation,
    a_list,
    as_json,
    header,
    members,
    ref,
)
from app.api.schemas import CallRecordReader
from app.domain.call import CallState, Reason, Verdict
from app.limits.sizes import RECORDS_MAX

_FORMS = """
A JSON object is one record; an array, NDJSON and CSV are many. Each may be packed by gzip. What a
body is, its first bytes say: a wrong or missing `Content-Type` or `Content-Encoding` loses nothing.
Whatever cannot be stored is kept in suspense, with a reason; one bad record among many spoils only
itself. Sending again is always safe, and the answer to a repeat is 200. A second half of a call
completes it, and it is priced at once.
"""
_LENIENT = "`handling=lenient`: a record that is kept in suspense is answered 202, not 4xx."

_READER = CallRecordReader(ZoneInfo("UTC"))

# The very schemas by which records are validated.
VALIDATING = {"StartRecord": _READER.start, "EndRecord": _READER.end}

SCHEMAS: Json = {
    "Record": {"anyOf": [ref("StartRecord"), ref("EndRecord")]},
    "Records": a_list(ref("Record")) | {"maxItems": RECORDS_MAX},
    "RecordAsRead": members(
        {
            "id": IDENTIFIER,
            "type": {"enum": ["start", "end"]},
            "timestamp": INSTANT,
            "call_id": IDENTIFIER,
            "source": NUMBER_OR_PSEUDONYM,
            "destination": NUMBER_OR_PSEUDONYM,
            "received_at": INSTANT,
        },
        optional=("source", "destination"),
    ),
    "CallSummary": members(
        {
            "call_id": IDENTIFIER,
            "state": {"enum": list(CallState)},
            "price": PRICE,
            "amount": AMOUNT,
        },
        optional=("price", "amount"),
    ),
    "Stored": members(
        {
            "verdict": {"enum": [Verdict.STORED, Verdict.DUPLICATE]},
            "record": ref("RecordAsRead"),
            "call": ref("CallSummary"),
        }
    ),
    "Kept": members(
        {
            "verdict": {"enum": [Verdict.SUSPENDED]},
            "suspense_id": SUSPENSE_ID,
            "reason": ref("Reason"),
        }
    ),
    "Reason": {"enum": list(Reason), "description": "Why a record could not be stored."},
    "Report": members(
        {
            "received": COUNT,
            "stored": COUNT,
            "duplicate": COUNT,
            "suspended": COUNT,
            "calls_priced": COUNT,
            "results": a_list(ref("Result"))
            | {"description": "The records that were not newly stored, in order."},
        }
    ),
    "Result": members(
        {
            "index": COUNT,
            "verdict": {"enum": [Verdict.DUPLICATE, Verdict.SUSPENDED]},
            "reason": ref("Reason"),
            "suspense_id": SUSPENSE_ID,
            "errors": ref("Errors"),
        },
        optional=("reason", "suspense_id", "errors"),
    ),
}

RECORD_FORMS: dict[str, Json] = {
    "application/json": {"anyOf": [ref("Record"), ref("Records")]},
    "application/x-ndjson": {"type": "string", "description": "A record a line."},
    "text/csv": {
        "type": "string",
        "description": "A header that names the fields, then a record a line.",
    },
    "application/gzip": {"description": "Any of the other forms, packed."},
}

OPERATIONS = {
    "create_call_records": Operation(
        {
            201: as_json("Stored now.", ref("Stored"), "Location"),
            200: as_json(
                "One record: the same was stored before. Many: each is stored or in suspense.",
                {"anyOf": [ref("Stored"), ref("Report")]},
            ),
            202: Answer(
                "Not stored, but kept in suspense; only with `Prefer: handling=lenient`.",
                {"application/json": ref("Kept")},
                ("Preference-Applied",),
            ),
        },
        tuple(Reason),
        parameters=(header("Prefer", _LENIENT),),
        body=RECORD_FORMS,
        description=_FORMS,
    ),
}

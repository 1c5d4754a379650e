"""What stands around the routes of `/v1`: health, metrics, problems, and this document."""

from app.api.errors import PROBLEMS
from app.api.openapi.parts import (
    CONDITIONS,
    SUSPENSE_ID,
    Answer,
    Json,
    Operation,
    a_list,
    as_json,
    members,
    ref,
)

SCHEMAS: Json = {
    "Problem": members(
        {
            "type": {"type": "string", "pattern": "^/problems/[a-z-]+$"},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string"},
            "code": {"enum": list(PROBLEMS)},
            "request_id": {"type": "string"},
            "errors": ref("Errors"),
            "kept": {
                "type": "boolean",
                "description": "Whether what was sent is in suspense, committed.",
            },
            "suspense_id": SUSPENSE_ID,
            "closes_at": {"type": "string", "format": "date-time"},
            "resolution": {"type": "string"},
        },
        optional=("errors", "kept", "suspense_id", "closes_at", "resolution"),
    )
    | {"description": "A refusal or failure (RFC 9457). Decide by `code`."},
    "Errors": a_list(
        members(
            {
                "pointer": {
                    "type": "string",
                    "description": "A JSON pointer to what is wrong; empty for the whole.",
                },
                "detail": {"type": "string"},
            }
        )
    ),
    "Explanation": members(
        {
            "code": {"enum": list(PROBLEMS)},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "meaning": {"type": "string"},
        }
    ),
}

OPERATIONS = {
    "live": Operation({200: as_json("It does.", members({"status": {"const": "live"}}))}),
    "ready": Operation(
        {200: as_json("They can.", members({"status": {"const": "ready"}}))}, ("unavailable",)
    ),
    "show_metrics": Operation({200: Answer("The metrics.", {"text/plain": {"type": "string"}})}),
    "show_problem": Operation(
        {200: as_json("What it means.", ref("Explanation"))},
        ("not-found",),
    ),
    "show_document": Operation({200: as_json("OpenAPI 3.1.", {"type": "object"})}),
    "show_docs": Operation({200: Answer("The page.", {"text/html": {"type": "string"}})}),
    "send_asset": Operation(
        {
            200: Answer(
                "The file.",
                {"text/css": {"type": "string"}, "text/javascript": {"type": "string"}},
                ("ETag",),
            ),
            304: Answer("The file is still the one of `If-None-Match`.", {}, ("ETag",)),
        },
        ("not-found",),
        bad_requests=(412,),
        parameters=CONDITIONS,
    ),
}

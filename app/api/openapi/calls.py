"""`/v1/calls` and `/v1/price-preview`: calls, and what their prices are made of."""

from app.api.openapi.call_records import SCHEMAS as RECORD_SCHEMAS
from app.api.openapi.parts import (
    AMOUNT,
    COUNT,
    CURRENCY,
    DURATION,
    EXACT_AMOUNT,
    INSTANT,
    MONTH,
    PAGING,
    PRICE,
    Json,
    Operation,
    a_list,
    as_json,
    members,
    or_null,
    page_of,
    query,
    ref,
)

_HALVES: Json = {
    "start": or_null(ref("RecordAsRead")),
    "end": or_null(ref("RecordAsRead")),
}
_LENGTH_AND_PARTS: Json = {
    "currency": CURRENCY,
    "duration": DURATION,
    "duration_seconds": COUNT,
    "tariff": ref("TariffName"),
    "breakdown": ref("Breakdown"),
}
_SUMMARY: Json = RECORD_SCHEMAS["CallSummary"]["properties"]
_PRICED: Json = _LENGTH_AND_PARTS | {"period": MONTH, "priced_at": INSTANT}

SCHEMAS: Json = {
    "Call": members(_SUMMARY | _HALVES, optional=("price", "amount")),
    "CallDetails": members(_SUMMARY | _HALVES | _PRICED, optional=("price", "amount", *_PRICED)),
    "OpenCalls": page_of("calls", ref("Call")),
    "PricePreview": members(
        {"started_at": INSTANT, "ended_at": INSTANT, "price": PRICE, "amount": AMOUNT}
        | _LENGTH_AND_PARTS
    ),
    "Breakdown": members(
        {
            "standing_charge": EXACT_AMOUNT,
            "segments": a_list(ref("Segment")),
            "amount": EXACT_AMOUNT,
        }
    ),
    "Segment": members(
        {
            "band": {"type": "string"},
            "from": INSTANT,
            "to": INSTANT,
            "seconds": {"type": "number", "minimum": 0},
            "charged_minutes": COUNT,
            "minute_rate": EXACT_AMOUNT,
            "amount": EXACT_AMOUNT,
        }
    ),
}


def _needed(name: str, description: str, example: str) -> Json:
    return query(name, INSTANT, description, example=example) | {"required": True}


OPERATIONS = {
    "show_call": Operation(
        {200: as_json("The call; from `currency` on, for a priced one only.", ref("CallDetails"))},
        ("not-found",),
    ),
    "list_calls": Operation(
        {200: as_json("A page of open calls.", ref("OpenCalls"))},
        ("invalid-parameter",),
        parameters=(
            query("state", {"enum": ["open"], "default": "open"}, "The only value is `open`."),
            query(
                "older_than",
                {"type": "string", "pattern": "^[0-9]{1,5}[smhd]$", "default": "0s"},
                "Only calls whose half happened longer ago than this.",
            ),
            *PAGING,
        ),
    ),
    "show_price_preview": Operation(
        {200: as_json("The price, as of now, and its parts.", ref("PricePreview"))},
        ("not-found", "invalid-parameter"),
        parameters=(
            _needed("start", "When the call is answered.", "2017-12-12T21:57:13Z"),
            _needed("end", "When it ends, 31 days later at most.", "2017-12-12T22:10:56Z"),
            query(
                "tariff",
                {"type": "integer", "minimum": 0, "maximum": 9_999_999_999},
                "The id of a tariff; without it, the one in force at `start`.",
            ),
        ),
        description="The `+` of an offset is written `%2B`. Without an offset an instant is wall"
        " clock of the billing zone.",
    ),
}

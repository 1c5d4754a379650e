"""`/v1/bills`: the bill of one subscriber, and those of all."""

from app.api.openapi.parts import (
    AMOUNT,
    CONDITIONS,
    COUNT,
    CURRENCY,
    DURATION,
    IDENTIFIER,
    MONTH,
    NUMBER_OR_PSEUDONYM,
    PRICE,
    Answer,
    Json,
    Operation,
    a_list,
    as_json,
    members,
    query,
    ref,
)

_HEAD: Json = {
    "subscriber": NUMBER_OR_PSEUDONYM,
    "subscriber_name": {"type": ["string", "null"]},
    "period": MONTH,
}
_TOTALS: Json = {
    "call_count": COUNT,
    "total_duration": DURATION,
    "total_duration_seconds": COUNT,
    "total": PRICE,
    "total_amount": AMOUNT,
    "currency": CURRENCY,
    "tariffs": a_list(ref("TariffName")),
    "unpriced_calls": COUNT
    | {"description": "Calls that started in the month and still wait for their end."},
}

SCHEMAS: Json = {
    "Bill": members(_HEAD | {"calls": a_list(ref("BillLine"))} | _TOTALS),
    "BillTotals": members(_HEAD | _TOTALS),
    "BillLine": members(
        {
            "call_id": IDENTIFIER,
            "destination": NUMBER_OR_PSEUDONYM,
            "start_date": {"type": "string", "format": "date"},
            "start_time": {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}:[0-9]{2}$"},
            "duration": DURATION,
            "duration_seconds": COUNT,
            "price": PRICE,
            "amount": AMOUNT,
            "late": {"type": "boolean", "description": "Priced after the month had closed."},
        }
    ),
}

_PERIOD = query(
    "period",
    {"type": "string", "pattern": "^([0-9]{4}-[0-9]{2}|[0-9]{2}/[0-9]{4})$"},
    "A closed month as `YYYY-MM`, or `MM/YYYY`; without it, the last one that closed.",
    example="2017-12",
)
_PROBLEMS = (
    "invalid-period",
    "period-not-closed",
    "invalid-parameter",
    "not-acceptable",
)

OPERATIONS = {
    "show_bill": Operation(
        {
            200: as_json("The bill, an empty one for a number without calls.", ref("Bill"), "ETag"),
            304: Answer("The bill is still the one of `If-None-Match`.", {}, ("ETag",)),
        },
        (*_PROBLEMS, "invalid-subscriber", "period-pseudonymised"),
        bad_requests=(412,),
        parameters=(
            _PERIOD,
            query("format", {"enum": ["json"], "default": "json"}, "The only value is `json`."),
            *CONDITIONS,
        ),
    ),
    "run_bills": Operation(
        {
            200: Answer(
                "A bill a line, or in CSV a call a line, in the order of the numbers. With"
                " `totals=1` a bill without its calls a line, in either form.",
                {
                    "application/x-ndjson": {
                        "type": "string",
                        "description": "Each line is a `Bill`, or a `BillTotals`.",
                    },
                    "text/csv": {"type": "string", "description": "With a header."},
                },
            )
        },
        _PROBLEMS,
        parameters=(
            _PERIOD,
            query("format", {"enum": ["ndjson", "csv"], "default": "ndjson"}, "The form."),
            query("totals", {"enum": ["0", "1"], "default": "0"}, "`1`: without the calls."),
        ),
    ),
}

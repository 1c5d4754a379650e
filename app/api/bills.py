"""`/v1/bills`: the bill of a subscriber for a closed month, and those of all."""

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify

from app.api.operation import Answer, Operation, as_json, without_body
from app.api.parameters import Parameter, Query, month, one_of
from app.api.requests import CONDITIONS, deadline, pricing, query, with_etag
from app.api.streaming import streamed
from app.api.throttling import check_bill_reads
from app.domain.errors import NotAcceptable
from app.domain.key import Scope
from app.domain.subscriber import subscriber_number
from app.rendering.bill_csv import calls_csv, totals_csv
from app.rendering.bill_json import bill_json, bills_ndjson, totals_ndjson
from app.schemas.bills import BillSchema
from app.services import billing

blueprint = Blueprint("bills", __name__, url_prefix="/v1/bills")
blueprint.before_request(check_bill_reads)

_PROBLEMS = ("invalid-period", "period-not-closed", "invalid-parameter", "not-acceptable")


def _read_format(text: str) -> str:
    if text != "json":
        raise NotAcceptable("A bill is available as json.")
    return text


def _read_run_format(text: str) -> str:
    if text not in ("ndjson", "csv"):
        raise NotAcceptable("A bill run is available as ndjson or csv.")
    return text


class _BillQuery(Query):
    period = month("A closed month, `YYYY-MM` or `MM/YYYY`; by default the last one.")
    format = Parameter(
        {"enum": ["json"], "default": "json"}, "The only value is `json`.", read=_read_format
    )


class _RunQuery(Query):
    period = month("A closed month, `YYYY-MM` or `MM/YYYY`; by default the last one.")
    format = Parameter(
        {"enum": ["ndjson", "csv"], "default": "ndjson"}, "The format.", read=_read_run_format
    )
    totals = Parameter(
        {"enum": ["0", "1"], "default": "0"},
        "`1`: one total per bill, without the calls.",
        read=one_of("0", "1"),
    )


@blueprint.get("/<subscriber>")
@Operation(
    scope=Scope.READ_BILLS,
    query=_BillQuery(),
    headers=CONDITIONS,
    answers={
        200: as_json("The bill; an empty one for a number without calls.", BillSchema, "ETag"),
        304: without_body("The bill has not changed since the `ETag` of `If-None-Match`.", "ETag"),
    },
    problems=(*_PROBLEMS, "invalid-subscriber", "period-pseudonymised"),
    bad_requests=(412,),
)
def show_bill(subscriber: str) -> Response:
    """Get the bill of `subscriber` for `period`, or for the last closed month."""
    period = query()["period"]
    bill = billing.bill_for(
        subscriber_number(subscriber),
        period,
        pricing=pricing(),
        now=datetime.now(UTC),
        deadline=deadline(),
    )
    return with_etag(jsonify(bill_json(bill)))


@blueprint.get("")
@Operation(
    scope=Scope.READ_BILLS,
    query=_RunQuery(),
    answers={
        200: Answer(
            "One bill per line, or in CSV one call per line, in the order of the numbers. With"
            " `totals=1`, one bill without its calls per line, in either format. The last line"
            " says that the run is complete; without it the run was cut off.",
            {
                "application/x-ndjson": {
                    "type": "string",
                    "description": "Each line is a `Bill`, or with `totals=1` a `BillTotals`; the"
                    " last one is a `BillRunEnd`.",
                },
                "text/csv": {
                    "type": "string",
                    "description": "With a header; the last row begins with `complete`.",
                },
            },
        )
    },
    problems=_PROBLEMS,
)
def run_bills() -> Response:
    """Stream the bills of all subscribers for `period`, or their totals, as NDJSON or CSV."""
    given = query()
    is_totals = given["totals"] == "1"
    bills = billing.bill_run(
        given["period"], pricing=pricing(), now=datetime.now(UTC), deadline=deadline()
    )
    if given["format"] == "csv":
        lines = totals_csv(bills) if is_totals else calls_csv(bills)
        content_type = "text/csv; charset=utf-8"
    else:
        lines = totals_ndjson(bills) if is_totals else bills_ndjson(bills)
        content_type = "application/x-ndjson"
    return streamed(lines, content_type)

"""`/v1/bills`: the bill of a subscriber for a closed month, and those of all."""

from datetime import UTC, datetime

from flask import Blueprint, Response

from app.api.bill_forms import (
    FORMS,
    RUN_FORMS,
    Form,
    bill_response,
    check_decimal,
    form_of,
    read_form,
)
from app.api.operation import Answer, Operation, without_body
from app.api.parameters import Parameter, Query, month, one_of
from app.api.requests import CONDITIONS, deadline, pricing, query, with_etag
from app.api.streaming import streamed
from app.api.throttling import check_bill_reads
from app.domain.key import Scope
from app.domain.subscriber import subscriber_number
from app.rendering.bill_csv import Decimal, calls_csv, totals_csv
from app.rendering.bill_json import bills_ndjson, totals_ndjson
from app.schemas.bills import BillSchema
from app.services import billing

blueprint = Blueprint("bills", __name__, url_prefix="/v1/bills")
blueprint.before_request(check_bill_reads)

_PROBLEMS = ("invalid-period", "period-not-closed", "invalid-parameter", "not-acceptable")


def _period() -> Parameter:
    return month("A closed month, `YYYY-MM` or `MM/YYYY`; by default the last one.")


def _format(forms: dict[str, Form], what: str, description: str) -> Parameter:
    first, *_ = forms
    return Parameter(
        {"enum": list(forms), "default": first},
        f"{description} Without it, `Accept` decides; if that names no form of these, {first}.",
        read=read_form(forms, what),
        load_default=None,
    )


def _decimal() -> Parameter:
    return Parameter(
        {"enum": list(Decimal), "default": Decimal.POINT},
        "Only for csv. `comma`: decimal comma, semicolons and a byte order mark, as spreadsheets in"
        " Brazil open a file.",
        read=one_of(*Decimal),
    )


class _BillQuery(Query):
    period = _period()
    format = _format(FORMS, "A bill", "The form.")
    decimal = _decimal()


class _RunQuery(Query):
    period = _period()
    format = _format(RUN_FORMS, "A bill run", "The form.")
    decimal = _decimal()
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
        200: Answer(
            "The bill; an empty one for a number without calls. In CSV, the last row counts the"
            " calls and their total.",
            {
                "application/json": BillSchema,
                "text/csv": {"type": "string"},
                "text/html": {"type": "string"},
                "application/pdf": {},
            },
            ("ETag",),
        ),
        304: without_body("The bill has not changed since the `ETag` of `If-None-Match`.", "ETag"),
    },
    problems=(*_PROBLEMS, "invalid-subscriber", "period-pseudonymised"),
    bad_requests=(412,),
)
def show_bill(subscriber: str) -> Response:
    """Get the bill of `subscriber` for `period`, or for the last closed month."""
    given = query()
    form = form_of(given["format"], FORMS)
    check_decimal(form, given["decimal"])
    bill = billing.bill_for(
        subscriber_number(subscriber),
        given["period"],
        pricing=pricing(),
        now=datetime.now(UTC),
        deadline=deadline(),
    )
    return with_etag(bill_response(bill, form, given["decimal"]))


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
    form = form_of(given["format"], RUN_FORMS)
    check_decimal(form, given["decimal"])
    bills = billing.bill_run(
        given["period"], pricing=pricing(), now=datetime.now(UTC), deadline=deadline()
    )
    if form == "csv":
        of_run = totals_csv if given["totals"] == "1" else calls_csv
        lines = of_run(bills, given["decimal"])
    else:
        lines = totals_ndjson(bills) if given["totals"] == "1" else bills_ndjson(bills)
    return streamed(lines, RUN_FORMS[form].content_type)

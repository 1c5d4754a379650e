"""`/v1/bills`: the bill of a subscriber for a closed month, and those of all."""

from datetime import UTC, datetime

import msgspec
from flask import Blueprint, Response, jsonify, request, stream_with_context

from app.api.authentication import requires
from app.api.requests import choice, deadline, parameter, pricing, with_etag
from app.api.throttling import check_bill_reads
from app.domain.errors import InvalidPeriod, NotAcceptable
from app.domain.key import Scope
from app.domain.period import BillingPeriod
from app.domain.subscriber import subscriber_number
from app.rendering.bill_csv import calls_csv, totals_csv
from app.rendering.bill_json import bill_json, bill_totals_json
from app.services import billing

blueprint = Blueprint("bills", __name__, url_prefix="/v1/bills")
blueprint.before_request(check_bill_reads)


@blueprint.get("/<subscriber>")
@requires(Scope.READ_BILLS)
def show_bill(subscriber: str) -> Response:
    """Give the bill of `subscriber` for `period`, or for the last closed month."""
    if (parameter("format") or "json") != "json":
        raise NotAcceptable("A bill can be had as json.")
    bill = billing.bill_for(
        subscriber_number(subscriber),
        _period(),
        pricing=pricing(),
        now=datetime.now(UTC),
        deadline=deadline(),
    )
    return with_etag(jsonify(bill_json(bill)))


@blueprint.get("")
@requires(Scope.READ_BILLS)
def run_bills() -> Response:
    """Stream the bills of all subscribers for `period`, or their totals, as NDJSON or CSV."""
    form = parameter("format") or "ndjson"
    is_totals = choice("totals", ("0", "1")) == "1"
    if form not in ("ndjson", "csv"):
        raise NotAcceptable("A bill run can be had as ndjson or csv.")
    bills = billing.bill_run(
        _period(), pricing=pricing(), now=datetime.now(UTC), deadline=deadline()
    )
    if form == "csv":
        texts = totals_csv(bills) if is_totals else calls_csv(bills)
        lines = (text.encode() for text in texts)
        content_type = "text/csv; charset=utf-8"
    else:
        said = map(bill_totals_json if is_totals else bill_json, bills)
        lines = (msgspec.json.encode(each) + b"\n" for each in said)
        content_type = "application/x-ndjson"
    return Response(stream_with_context(lines), content_type=content_type)


def _period() -> BillingPeriod | None:
    given = request.args.getlist("period")
    if len(given) > 1:
        raise InvalidPeriod("The period is given more than once.")
    return BillingPeriod.read(given[0]) if given else None

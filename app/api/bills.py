"""`/v1/bills`: the bill of a subscriber for a closed month."""

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, request

from app.api.requests import parameter, pricing
from app.domain.errors import InvalidPeriod, NotAcceptable
from app.domain.period import BillingPeriod
from app.domain.subscriber import subscriber_number
from app.rendering.bill_json import bill_json
from app.services import billing

blueprint = Blueprint("bills", __name__, url_prefix="/v1/bills")


@blueprint.get("/<subscriber>")
def show_bill(subscriber: str) -> Response:
    """Give the bill of `subscriber` for `period`, or for the last closed month."""
    if (parameter("format") or "json") != "json":
        raise NotAcceptable("A bill can be had as json.")
    bill = billing.bill_for(
        subscriber_number(subscriber), _period(), pricing=pricing(), now=datetime.now(UTC)
    )
    response = jsonify(bill_json(bill))
    response.headers["Cache-Control"] = "no-store"
    response.add_etag()
    response.make_conditional(request)
    return response


def _period() -> BillingPeriod | None:
    given = request.args.getlist("period")
    if len(given) > 1:
        raise InvalidPeriod("The period is given more than once.")
    return BillingPeriod.read(given[0]) if given else None

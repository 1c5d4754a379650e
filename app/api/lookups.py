"""`POST /v1/lookups`: what became of records, for those who can show them."""

from collections import Counter
from datetime import UTC, datetime

from flask import Blueprint, Response, request

from app.api.call_records import RECORD_FORMS, read_request
from app.api.operation import Operation, answer, as_json
from app.api.readers import line_numbers
from app.api.requests import deadline, received_body
from app.domain.delivery import Found
from app.domain.key import Scope
from app.schemas.fields import Json
from app.schemas.lookups import LookedUpRecordsSchema
from app.services import lookup

blueprint = Blueprint("lookups", __name__, url_prefix="/v1/lookups")


@blueprint.post("")
@Operation(
    scope=Scope.INGEST,
    other_scope=Scope.READ_CALLS,
    body=RECORD_FORMS,
    answers={200: as_json("What is stored of each record.", LookedUpRecordsSchema)},
    description="Send what was delivered, in any form that the intake takes. Nothing is"
    " stored or kept by it. A key that can show a record sees what became of it: its call, or the"
    " suspended record.",
)
def look_up_records() -> Response:
    """Look up what became of records."""
    received = received_body()
    deliveries = read_request(received, datetime.now(UTC)).deliveries
    found = lookup.look_up(deliveries, deadline=deadline())
    lines = line_numbers(received, request.content_type or "")
    counted = Counter(each.state for each in found)
    report = {
        "received": len(found),
        **{state: counted[state] for state in ("stored", "suspended", "missing")},
        "results": [
            _result(place, each, lines[place] if lines else None)
            for place, each in enumerate(found)
        ],
    }
    return answer(LookedUpRecordsSchema, report)


def _result(place: int, found: Found, line: int | None) -> Json:
    members = {
        "index": place,
        "line": line,
        "state": found.state,
        "call": found.call,
        "suspended_record": found.suspended,
    }
    return {name: value for name, value in members.items() if value is not None}

"""`POST /v1/call-records`: the intake."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, jsonify, request

from app.api.authentication import requires
from app.api.errors import PROBLEMS, problem
from app.api.observability import metrics
from app.api.readers import Body, read_body, unreadable_body
from app.api.representations import call_summary_json, record_json
from app.api.requests import deadline, pricing, received_body
from app.domain.call import Verdict
from app.domain.key import Scope
from app.services import ingestion
from app.services.ingestion import Delivery, Outcome
from app.services.single_intake import SingleIntake

blueprint = Blueprint("call-records", __name__, url_prefix="/v1/call-records")


@blueprint.post("")
@requires(Scope.INGEST)
def create_call_records() -> Response:
    """Take one record, or many."""
    received = received_body()
    received_at = datetime.now(UTC)
    body = read_request(received, received_at)
    if body.is_many:
        return _report(
            ingestion.accept(
                body.deliveries, pricing=pricing(), received_at=received_at, deadline=deadline()
            )
        )
    [delivery] = body.deliveries
    single_intake: SingleIntake = current_app.extensions["pulso_single_intake"]
    outcome = single_intake.accept(delivery, received_at, deadline=deadline())
    metrics().count_records(outcome.verdict, outcome.reason, 1)
    if outcome.completed:
        metrics().calls_priced.inc()
    return _answer(delivery, outcome)


def read_request(received: bytes, received_at: datetime) -> Body:
    """Read the body of this request, of which `received` has arrived, as call records."""
    if len(received) < (request.content_length or 0):
        # The sender was cut off, and the server hands on what there is as if it were all.
        return unreadable_body(received, "is shorter than its Content-Length")
    reader = current_app.extensions["pulso_reader"]
    return read_body(received, reader, received_at, request.content_type or "")


def stored_json(delivery: Delivery, outcome: Outcome) -> dict[str, Any]:
    """Give what is told of a record that is stored, now or before."""
    assert delivery.record is not None and outcome.call is not None  # It was stored.
    return {
        "verdict": outcome.verdict,
        "record": record_json(delivery.record),
        "call": call_summary_json(outcome.call),
    }


def _answer(delivery: Delivery, outcome: Outcome) -> Response:
    if outcome.reason is not None:
        return _tell_suspended(outcome)
    response = jsonify(stored_json(delivery, outcome))
    if outcome.verdict is Verdict.STORED:
        assert outcome.call is not None
        response.status_code = 201
        response.headers["Location"] = f"/v1/calls/{quote(outcome.call.call_id, safe='')}"
    return response


def _tell_suspended(outcome: Outcome) -> Response:
    assert outcome.reason is not None
    if _prefers_lenient():
        response = jsonify(
            verdict=outcome.verdict, suspense_id=outcome.suspense_id, reason=outcome.reason
        )
        response.status_code = 202
        response.headers["Preference-Applied"] = "handling=lenient"
        return response
    return problem(
        outcome.reason,
        PROBLEMS[outcome.reason].meaning,
        errors=list(outcome.errors),
        kept=True,
        suspense_id=outcome.suspense_id,
    )


def _prefers_lenient() -> bool:
    # Switches take anything but 2xx as a failure and spool the record (RFC 7240).
    wishes = ",".join(request.headers.getlist("Prefer")).lower().split(",")
    return any(wish.partition(";")[0].replace(" ", "") == "handling=lenient" for wish in wishes)


def _report(outcomes: list[Outcome]) -> Response:
    became = Counter((outcome.verdict, outcome.reason) for outcome in outcomes)
    priced = sum(outcome.completed for outcome in outcomes)
    for (verdict, reason), count in became.items():
        metrics().count_records(verdict, reason, count)
    metrics().calls_priced.inc(priced)
    return jsonify(
        received=len(outcomes),
        **{
            verdict.value: sum(count for (each, _), count in became.items() if each is verdict)
            for verdict in Verdict
        },
        calls_priced=priced,
        results=[
            _result(index, outcome)
            for index, outcome in enumerate(outcomes)
            if outcome.verdict is not Verdict.STORED
        ],
    )


def _result(index: int, outcome: Outcome) -> dict[str, Any]:
    result: dict[str, Any] = {"index": index, "verdict": outcome.verdict}
    if outcome.reason is not None:
        result |= {
            "reason": outcome.reason,
            "suspense_id": outcome.suspense_id,
            "errors": list(outcome.errors),
        }
    return result

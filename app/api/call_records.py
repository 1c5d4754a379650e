"""`POST /v1/call-records`: the intake."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from flask import Blueprint, Response, current_app, jsonify, request

from app.api.errors import problem
from app.api.operation import Content, Operation, as_json, header
from app.api.parameters import Parameter, Query
from app.api.problem_table import PROBLEMS
from app.api.readers import Body, line_numbers, read_body, unreadable_body
from app.api.requests import deadline, pricing, received_body
from app.domain.call import Reason, Verdict
from app.domain.delivery import Delivery, Outcome
from app.domain.errors import BillingError
from app.domain.key import Scope
from app.schemas.call_records import (
    KeptSchema,
    ReportSchema,
    Result,
    ResultSchema,
    StoredRecord,
    StoredSchema,
)
from app.schemas.fields import Json, ref
from app.schemas.writer import Writer
from app.services import ingestion
from app.services.single_intake import SingleIntake

blueprint = Blueprint("call-records", __name__, url_prefix="/v1/call-records")

_FORMS = """
A JSON object is one record; an array, NDJSON and CSV are many. Each may be packed by gzip. The
first bytes of a body decide which of these it is: a wrong or missing `Content-Type` or
`Content-Encoding` loses nothing. A record that cannot be stored is kept in suspense, with a reason;
one bad record among many spoils only itself. Sending again is always safe, and a repeat is answered
200. The second half of a call completes it, and the call is priced at once.
"""
_WITHOUT_A_BODY = (
    "The request has no body, because it has neither Content-Length nor Transfer-Encoding: chunked."
    " Nothing was kept."
)
_LENIENT = "`handling=lenient`: a record that is kept in suspense is answered 202, not 4xx."

_FAILURES = "failures"


class _ReportQuery(Query):
    report = Parameter(
        {"type": "string", "default": ""},
        "`failures`: leave duplicates out of `results`. They are counted all the same.",
    )


RECORD_FORMS: Mapping[str, Content] = {
    "application/json": {"anyOf": [ref("Record"), ref("Records")]},
    "application/x-ndjson": {"type": "string", "description": "One record per line."},
    "text/csv": {
        "type": "string",
        "description": "A header that names the fields, then one record per line.",
    },
    "application/gzip": {"description": "Any of the other formats, packed."},
}

write_stored = Writer(StoredSchema()).one
_write_kept = Writer(KeptSchema()).one
_write_duplicate = Writer(ResultSchema(only=("index", "line", "verdict"))).one
_write_suspended = Writer(ResultSchema()).one
_COUNTS = ReportSchema(exclude=("results",))


@blueprint.post("")
@Operation(
    scope=Scope.INGEST,
    query=_ReportQuery(),
    headers=(header("Prefer", _LENIENT),),
    body=RECORD_FORMS,
    answers={
        201: as_json("Stored now.", StoredSchema, "Location"),
        200: as_json(
            "One record: it was stored before. Many: each is stored or in suspense.",
            {"anyOf": [StoredSchema, ReportSchema]},
        ),
        202: as_json(
            "Not stored, but kept in suspense; only with `Prefer: handling=lenient`.",
            KeptSchema,
            "Preference-Applied",
        ),
    },
    problems=tuple(Reason),
    description=_FORMS,
)
def create_call_records() -> Response:
    """Deliver one record, or many."""
    received = received_body()
    received_at = datetime.now(UTC)
    if not received and _has_no_body():
        raise BillingError(_WITHOUT_A_BODY)
    body = read_request(received, received_at)
    if body.is_many:
        outcomes = ingestion.accept(
            body.deliveries, pricing=pricing(), received_at=received_at, deadline=deadline()
        )
        return _report(received, outcomes)
    [delivery] = body.deliveries
    single_intake: SingleIntake = current_app.extensions["pulso_single_intake"]
    outcome = single_intake.accept(delivery, received_at, deadline=deadline())
    return _answer(delivery, outcome)


def read_request(received: bytes, received_at: datetime) -> Body:
    """Read `received`, the bytes of this request's body that arrived, as call records."""
    if len(received) < (request.content_length or 0):
        # The sender was cut off, and the server passes on what arrived as if it were all.
        return unreadable_body(received, "is shorter than its Content-Length")
    reader = current_app.extensions["pulso_reader"]
    return read_body(received, reader, received_at, request.content_type or "")


def _has_no_body() -> bool:
    # Bytes behind such a head are not part of it (RFC 9112, 6.3): to keep nothing and say `kept`
    # would be a receipt for bytes that were never read.
    framing = ("CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING")
    return not any(request.environ.get(name) for name in framing)


def stored_record(delivery: Delivery, outcome: Outcome) -> StoredRecord:
    """Return what to show of a record that is stored, now or before."""
    assert delivery.record is not None and outcome.call is not None  # It was stored.
    return StoredRecord(outcome.verdict, delivery.record, outcome.call)


def _answer(delivery: Delivery, outcome: Outcome) -> Response:
    if outcome.reason is not None:
        return _suspended(outcome)
    stored = stored_record(delivery, outcome)
    response = jsonify(write_stored(stored))
    if outcome.verdict is Verdict.STORED:
        response.status_code = 201
        response.headers["Location"] = f"/v1/calls/{quote(stored.call.call_id, safe='')}"
    return response


def _suspended(outcome: Outcome) -> Response:
    assert outcome.reason is not None
    if _prefers_lenient():
        response = jsonify(_write_kept(outcome))
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


def _report(received: bytes, outcomes: list[Outcome]) -> Response:
    counted = Counter(outcome.verdict for outcome in outcomes)
    counts = {
        "received": len(outcomes),
        **{verdict.value: counted[verdict] for verdict in Verdict},
        "calls_priced": sum(outcome.completed for outcome in outcomes),
    }
    # The intake ignores a value that it does not know.
    only_failures = request.args.get("report") == _FAILURES
    places = [
        place
        for place, outcome in enumerate(outcomes)
        if outcome.verdict is Verdict.SUSPENDED
        or (outcome.verdict is Verdict.DUPLICATE and not only_failures)
    ]
    # The lines are counted only if somebody has to find one.
    lines = line_numbers(received, request.content_type or "") if places else None
    results = [
        _result(Result(place, outcomes[place], lines[place] if lines else None)) for place in places
    ]
    return jsonify(_COUNTS.dump(counts) | {"results": results})


def _result(result: Result) -> Json:
    write = _write_duplicate if result.outcome.reason is None else _write_suspended
    written = write(result)
    if result.line is None:
        del written["line"]
    return written

"""`/v1/suspense`: what could not be stored as a call's half, and why."""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from app.api.call_records import RECORD_FORMS, read_request, stored_record
from app.api.errors import problem
from app.api.operation import Operation, answer, as_json, json_body
from app.api.paging import cursor, page_of, read_position_instant
from app.api.parameters import Parameter, Query, limit, one_of
from app.api.problem_table import PROBLEMS
from app.api.requests import actor, body, deadline, may, query, received_body, retry_context
from app.domain.call import Reason
from app.domain.errors import NotFound
from app.domain.key import Scope
from app.domain.suspense import SuspendedRecord, SuspensePage, is_short_id, read_suspense_id
from app.schemas.suspense import (
    NoteSchema,
    OpenCountsSchema,
    RetriedSchema,
    SuspendedRecordSchema,
    SuspendedRecordsSchema,
    SuspendedRecordWithBytesSchema,
)
from app.services import suspense, suspense_retry
from app.services.suspense import BEGINNING, Note
from app.services.trials import Retried

blueprint = Blueprint("suspense", __name__, url_prefix="/v1/suspense")

_NOT_CORRECTED = (
    "The correction cannot be stored and is not kept; the suspended record stays as it was."
)


class _ListQuery(Query):
    state = Parameter(
        {"enum": ["open", "resolved"], "default": "open"},
        "Open or resolved records.",
        read=one_of("open", "resolved"),
    )
    reason = Parameter(
        {"enum": ["", *Reason], "default": ""},
        "Only records with this reason; all if empty.",
        read=one_of(*Reason),
        load_default=None,
    )
    limit = limit()
    cursor = cursor(read_position_instant, bytes.fromhex, first=BEGINNING)


@blueprint.get("")
@Operation(
    scope=Scope.READ_CALLS,
    query=_ListQuery(),
    answers={200: as_json("A page of suspended records.", SuspendedRecordsSchema)},
    problems=("invalid-parameter",),
)
def list_suspense() -> Response:
    """List suspended records, first received first."""
    given = query()
    found = suspense.suspended_records(
        is_open=given["state"] == "open",
        reason=given["reason"],
        page=SuspensePage(*given["cursor"]),
        limit=given["limit"],
        deadline=deadline(),
    )
    page = page_of("suspended_records", found, given["limit"], _position)
    return answer(SuspendedRecordsSchema, page)


@blueprint.get("/counts")
@Operation(scope=Scope.READ_CALLS, answers={200: as_json("The counts.", OpenCountsSchema)})
def count_suspense() -> Response:
    """Count the open records for each reason."""
    return answer(OpenCountsSchema, {"open": suspense.open_counts(deadline=deadline())})


@blueprint.get("/<suspense_id>")
@Operation(
    scope=Scope.READ_CALLS,
    other_scope=Scope.INGEST,  # Only who knows the bytes knows the id, their SHA-256.
    answers={200: as_json("The suspended record.", SuspendedRecordWithBytesSchema)},
    problems=("not-found", "ambiguous-id"),
)
def show_suspended_record(suspense_id: str) -> Response:
    """Get one suspended record with the bytes that were received."""
    if is_short_id(suspense_id) and not may(Scope.READ_CALLS):
        # First digits can be guessed.
        return problem("forbidden", "Without the scope calls:read, the suspense_id must be whole.")
    record, received = suspense.suspended_record(_content_hash(suspense_id), deadline=deadline())
    shown = record._asdict() | {
        "short_id": record.short_id,
        "state": record.state,
        "beginning": record.beginning,
        "received": received,
    }
    return answer(SuspendedRecordWithBytesSchema, shown)


@blueprint.post("/<suspense_id>/retry")
@Operation(
    scope=Scope.WRITE_SUSPENSE,
    body=RECORD_FORMS,
    is_body_required=False,
    answers={200: as_json("The record was stored, or found to be a duplicate.", RetriedSchema)},
    problems=("not-found", "already-resolved", "ambiguous-id", *Reason),
    description="If the record cannot be stored, it stays in suspense. `kept` is `true` without a"
    " body, and `false` with one: a refused correction is not kept.",
)
def retry_suspended_record(suspense_id: str) -> Response:
    """Retry a suspended record as it is, or with the corrected record in the body."""
    content_hash = _content_hash(suspense_id)
    received, context = received_body(), retry_context()
    if received or request.content_length:
        deliveries = read_request(received, context.now).deliveries
        return _answer(
            suspense_retry.correct(content_hash, deliveries, context, deadline=deadline()),
            is_correction=True,
        )
    return _answer(
        suspense_retry.retry(content_hash, context, deadline=deadline()), is_correction=False
    )


@blueprint.post("/<suspense_id>/accept")
@Operation(
    scope=Scope.WRITE_SUSPENSE,
    body=json_body(NoteSchema),
    answers={200: as_json("The record was stored, or found to be a duplicate.", RetriedSchema)},
    problems=("not-found", "already-resolved", "ambiguous-id", "invalid-request", *Reason),
    description="It is retried as it is, without the limits of length and price. `note` says why,"
    " and stands in the audit log.",
)
def accept_suspended_record(suspense_id: str) -> Response:
    """Store a suspended record although its call is implausible."""
    note = body()["note"]
    accepted = suspense_retry.accept(
        _content_hash(suspense_id), note, retry_context(), deadline=deadline()
    )
    return _answer(accepted, is_correction=False)


@blueprint.post("/<suspense_id>/write-off")
@Operation(
    scope=Scope.WRITE_SUSPENSE,
    body=json_body(NoteSchema),
    answers={200: as_json("Written off.", SuspendedRecordSchema)},
    problems=("not-found", "already-resolved", "ambiguous-id", "invalid-request"),
)
def write_off_suspended_record(suspense_id: str) -> Response:
    """Write off a suspended record, with a note in the body that says why."""
    content_hash = _content_hash(suspense_id)
    note = Note(body()["note"], actor(), datetime.now(UTC))
    written_off = suspense.write_off(content_hash, note, deadline=deadline())
    return answer(SuspendedRecordSchema, written_off)


def _content_hash(suspense_id: str) -> bytes:
    try:
        given = read_suspense_id(suspense_id)
    except ValueError:
        raise NotFound("There is no such suspended record.") from None
    [content_hash] = suspense.content_hashes_of([given], deadline=deadline())
    return content_hash


def _position(record: SuspendedRecord) -> tuple[str, str]:
    return record.received_at.isoformat(), record.content_hash.hex()


def _answer(tried: Retried, *, is_correction: bool) -> Response:
    suspended, delivery, outcome = tried
    if outcome.reason is None:
        stored = stored_record(delivery, outcome)._asdict()
        return answer(RetriedSchema, stored | {"suspended_record": suspended})
    return problem(
        outcome.reason,
        _NOT_CORRECTED if is_correction else PROBLEMS[outcome.reason].meaning,
        errors=list(outcome.errors),
        kept=not is_correction,
        suspense_id=suspended.content_hash.hex(),
    )

"""`/v1/suspense`: what could not be stored as a call's half, and why."""

import re
from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, jsonify, request

from app.api.authentication import requires
from app.api.call_records import read_request, stored_json
from app.api.errors import PROBLEMS, problem
from app.api.json_body import field, json_body
from app.api.paging import page_limit, page_of, read_cursor, read_position_instant
from app.api.representations import received_json, suspended_json
from app.api.requests import actor, choice, deadline, parameter, pricing, received_body
from app.domain.call import Reason
from app.domain.errors import NotFound
from app.domain.key import Scope
from app.domain.suspense import SuspensePage, read_note
from app.services import suspense, suspense_retry
from app.services.suspense import BEGINNING, Note
from app.services.suspense_retry import Retried, RetryContext

blueprint = Blueprint("suspense", __name__, url_prefix="/v1/suspense")

_NOT_CORRECTED = (
    "The correction cannot be stored and is not kept; the suspended record stays as it was."
)


@blueprint.get("")
@requires(Scope.READ_BILLS)
def list_suspense() -> Response:
    """Give a page of suspended records, first received first."""
    reason = choice("reason", tuple(Reason)) if parameter("reason") else None
    limit = page_limit()
    position = read_cursor(read_position_instant, bytes.fromhex) or BEGINNING
    found = suspense.suspended_records(
        is_open=choice("state", ("open", "resolved")) == "open",
        reason=reason,
        page=SuspensePage(*position),
        limit=limit,
        deadline=deadline(),
    )
    return jsonify(
        page_of(
            "suspended_records",
            found,
            suspended_json,
            limit,
            lambda record: (record.received_at.isoformat(), record.content_hash.hex()),
        )
    )


@blueprint.get("/counts")
@requires(Scope.READ_BILLS)
def count_suspense() -> Response:
    """Give how many are open for each reason."""
    return jsonify(open=suspense.open_counts(deadline=deadline()))


@blueprint.get("/<suspense_id>")
@requires(Scope.READ_BILLS)
def show_suspended_record(suspense_id: str) -> Response:
    """Give one suspended record with the bytes that were received."""
    record, received = suspense.suspended_record(_content_hash(suspense_id), deadline=deadline())
    return jsonify(suspended_json(record) | received_json(received))


@blueprint.post("/<suspense_id>/retry")
@requires(Scope.ADMIN)
def retry_suspended_record(suspense_id: str) -> Response:
    """Try it again as it is, or the record in the body in its place."""
    content_hash = _content_hash(suspense_id)
    received, now = received_body(), datetime.now(UTC)
    context = RetryContext(actor(), now, pricing(), current_app.extensions["pulso_read_kept"])
    if received or request.content_length:
        deliveries = read_request(received, now).deliveries
        return _tell_retried(
            suspense_retry.correct(content_hash, deliveries, context, deadline=deadline()),
            is_correction=True,
        )
    return _tell_retried(
        suspense_retry.retry(content_hash, context, deadline=deadline()), is_correction=False
    )


@blueprint.post("/<suspense_id>/write-off")
@requires(Scope.ADMIN)
def write_off_suspended_record(suspense_id: str) -> Response:
    """Close it without billing it; the note in the body says why."""
    content_hash = _content_hash(suspense_id)
    note = Note(field(json_body(), "note", read_note), actor(), datetime.now(UTC))
    return jsonify(suspended_json(suspense.write_off(content_hash, note, deadline=deadline())))


def _content_hash(suspense_id: str) -> bytes:
    if not re.fullmatch(r"[0-9a-f]{64}", suspense_id, re.ASCII):
        raise NotFound("There is no such suspended record.")
    return bytes.fromhex(suspense_id)


def _tell_retried(tried: Retried, *, is_correction: bool) -> Response:
    suspended, delivery, outcome = tried
    if outcome.reason is None:
        return jsonify(
            stored_json(delivery, outcome) | {"suspended_record": suspended_json(suspended)}
        )
    return problem(
        outcome.reason,
        _NOT_CORRECTED if is_correction else PROBLEMS[outcome.reason].meaning,
        errors=list(outcome.errors),
        kept=not is_correction,
        suspense_id=suspended.content_hash.hex(),
    )

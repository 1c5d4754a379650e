"""`/v1/suspense`: what could not be stored as a call's half, and why."""

import re
from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify

from app.api.authentication import requires
from app.api.paging import page_limit, page_of, read_cursor, read_position_instant
from app.api.representations import received_json, suspended_json
from app.api.requests import choice, parameter
from app.domain.call import Reason
from app.domain.errors import NotFound
from app.domain.key import Scope
from app.services import suspense
from app.store.suspense import SuspensePage

blueprint = Blueprint("suspense", __name__, url_prefix="/v1/suspense")

_BEGINNING = datetime(1, 1, 1, tzinfo=UTC), b""


@blueprint.get("")
@requires(Scope.READ_BILLS)
def list_suspense() -> Response:
    """Give a page of suspended records, first received first."""
    reason = choice("reason", tuple(Reason)) if parameter("reason") else None
    limit = page_limit()
    position = read_cursor(read_position_instant, bytes.fromhex) or _BEGINNING
    found = suspense.suspended_records(
        is_open=choice("state", ("open", "resolved")) == "open",
        reason=reason,
        page=SuspensePage(*position),
        limit=limit,
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


@blueprint.get("/<suspense_id>")
@requires(Scope.READ_BILLS)
def show_suspended_record(suspense_id: str) -> Response:
    """Give one suspended record with the bytes that were received."""
    if not re.fullmatch(r"[0-9a-f]{64}", suspense_id, re.ASCII):
        raise NotFound("There is no such suspended record.")
    record, received = suspense.suspended_record(bytes.fromhex(suspense_id))
    return jsonify(suspended_json(record) | received_json(received))

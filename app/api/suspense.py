"""`/v1/suspense`: what could not be stored as a call's half, and why."""

import re
from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify

from app.api.representations import received_json, suspended_json
from app.api.requests import choice, cursor_text, page_limit, parameter, read_cursor
from app.domain.call import Reason
from app.domain.errors import NotFound
from app.services import suspense
from app.store.suspense import SuspensePage

blueprint = Blueprint("suspense", __name__, url_prefix="/v1/suspense")

_BEGINNING = datetime(1, 1, 1, tzinfo=UTC), b""


@blueprint.get("")
def list_suspense() -> Response:
    """Give a page of suspended records, first received first."""
    reason = choice("reason", tuple(Reason)) if parameter("reason") else None
    since, key = read_cursor() or _BEGINNING
    limit = page_limit()
    found = suspense.suspended_records(
        is_open=choice("state", ("open", "resolved")) == "open",
        reason=reason,
        page=SuspensePage(since, key),
        limit=limit,
    )
    next_cursor = None
    if len(found) == limit:
        next_cursor = cursor_text(found[-1].received_at, found[-1].content_hash)
    return jsonify(
        suspended_records=[suspended_json(record) for record in found], next_cursor=next_cursor
    )


@blueprint.get("/<suspense_id>")
def show_suspended_record(suspense_id: str) -> Response:
    """Give one suspended record with the bytes that were received."""
    if not re.fullmatch(r"[0-9a-f]{64}", suspense_id, re.ASCII):
        raise NotFound("There is no such suspended record.")
    record, received = suspense.suspended_record(bytes.fromhex(suspense_id))
    return jsonify(suspended_json(record) | received_json(received))

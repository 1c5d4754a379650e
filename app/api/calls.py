"""`/v1/calls`: one call with its breakdown, and the calls that still wait for a half."""

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify

from app.api.representations import call_details_json, call_json
from app.api.requests import age, choice, cursor_text, page_limit, pricing, read_cursor
from app.domain.call_record import is_identifier
from app.domain.errors import InvalidParameter, NotFound
from app.services import calls
from app.store.calls import OpenCallsPage

blueprint = Blueprint("calls", __name__, url_prefix="/v1/calls")


@blueprint.get("/<call_id:call_id>")
def show_call(call_id: str) -> Response:
    """Give one call; a call_id may hold any printable character, a slash too."""
    if not is_identifier(call_id):
        raise NotFound("No call can have this call_id.")
    return jsonify(call_details_json(calls.call_details(call_id, pricing=pricing())))


@blueprint.get("")
def list_calls() -> Response:
    """Give a page of the calls that wait for a half, oldest first."""
    choice("state", ("open",))
    limit = page_limit()
    found = calls.open_calls(datetime.now(UTC) - age("older_than"), _page(), limit)
    next_cursor = None
    if len(found) == limit:
        last = found[-1]
        half = last.start or last.end
        assert half is not None  # A call has a half.
        next_cursor = cursor_text(half.timestamp, last.call_id.encode())
    return jsonify(calls=[call_json(call) for call in found], next_cursor=next_cursor)


def _page() -> OpenCallsPage:
    cursor = read_cursor()
    if cursor is None:
        return OpenCallsPage(datetime(1, 1, 1, tzinfo=UTC), "")
    since, key = cursor
    call_id = key.decode("ascii", "replace")
    if not is_identifier(call_id):
        raise InvalidParameter("The parameter cursor is not one that this service gave.")
    return OpenCallsPage(since, call_id)

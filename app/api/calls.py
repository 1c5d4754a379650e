"""`/v1/calls`: one call with its breakdown, and the calls that still wait for a half."""

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify

from app.api.authentication import requires
from app.api.paging import page_limit, page_of, read_cursor, read_position_instant
from app.api.representations import call_details_json, call_json
from app.api.requests import age, choice, deadline, pricing
from app.domain.call import Call, OpenCallsPage
from app.domain.call_record import is_identifier
from app.domain.errors import NotFound
from app.domain.key import Scope
from app.services import calls

blueprint = Blueprint("calls", __name__, url_prefix="/v1/calls")

_BEGINNING = datetime(1, 1, 1, tzinfo=UTC), ""


@blueprint.get("/<call_id:call_id>")
@requires(Scope.READ_BILLS)
def show_call(call_id: str) -> Response:
    """Give one call; a call_id may hold any printable character, a slash too."""
    if not is_identifier(call_id):
        raise NotFound("No call can have this call_id.")
    return jsonify(
        call_details_json(calls.call_details(call_id, pricing=pricing(), deadline=deadline()))
    )


@blueprint.get("")
@requires(Scope.READ_BILLS)
def list_calls() -> Response:
    """Give a page of the calls that wait for a half, oldest first."""
    choice("state", ("open",))
    limit = page_limit()
    position = read_cursor(read_position_instant, _call_id) or _BEGINNING
    before = datetime.now(UTC) - age("older_than")
    found = calls.open_calls(before, OpenCallsPage(*position), limit, deadline=deadline())
    return jsonify(page_of("calls", found, call_json, limit, _position))


def _position(call: Call) -> tuple[str, str]:
    half = call.start or call.end
    assert half is not None  # A call has a half.
    return half.timestamp.isoformat(), call.call_id


def _call_id(text: str) -> str:
    if not is_identifier(text):
        raise ValueError
    return text

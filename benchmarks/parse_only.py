"""The floor of the intake over HTTP: the same endpoint, which only parses and answers."""

from datetime import UTC, datetime

from flask import Response, current_app, jsonify, request

from app.api.authentication import requires
from app.api.readers import read_body
from app.api.representations import record_json
from app.domain.key import Scope
from app.wsgi import app


@requires(Scope.INGEST)
def parse_only() -> Response:
    """Read the body as the intake does, and answer as it does, without keeping anything."""
    body = read_body(
        request.get_data(cache=False), current_app.extensions["pulso_reader"], datetime.now(UTC)
    )
    record = body.deliveries[0].record
    assert record is not None
    return jsonify(
        verdict="stored",
        record=record_json(record),
        call={"call_id": record.call_id, "state": "awaiting-end"},
    )


app.view_functions["call-records.create_call_records"] = parse_only
__all__ = ["app"]

"""The floor of the intake over HTTP: the same endpoint, which only parses and answers."""

from datetime import UTC, datetime

from flask import Response, current_app, jsonify, request

from app.api.call_records import create_call_records, write_stored
from app.api.operation import OPERATIONS
from app.api.readers import read_body
from app.domain.call import Call, Verdict
from app.schemas.call_records import StoredRecord
from app.wsgi import app


def parse_only() -> Response:
    """Read the body as the intake does, and answer as it does, without storing anything."""
    body = read_body(
        request.get_data(cache=False), current_app.extensions["pulso_reader"], datetime.now(UTC)
    )
    record = body.deliveries[0].record
    assert record is not None
    call, _, _ = Call(record.call_id).take(record)
    return jsonify(write_stored(StoredRecord(Verdict.STORED, record, call)))


OPERATIONS[parse_only] = OPERATIONS[create_call_records]
app.view_functions["call-records.create_call_records"] = parse_only
__all__ = ["app"]

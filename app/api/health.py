"""`/health`: whether the process lives, and whether it can do its work."""

from flask import Blueprint, Response, current_app, jsonify

from app.api.operation import PUBLIC, Operation, as_json
from app.api.requests import deadline, pricing
from app.domain.errors import Unavailable
from app.schemas.fields import Json
from app.services.readiness import check_ready

blueprint = Blueprint("health", __name__, url_prefix="/health")


def _status(value: str) -> Json:
    return {
        "type": "object",
        "properties": {"status": {"const": value}},
        "required": ["status"],
    }


@blueprint.get("/live")
@Operation(scope=PUBLIC, answers={200: as_json("The process answers.", _status("live"))})
def live() -> Response:
    """Check that this process answers."""
    return jsonify(status="live")


@blueprint.get("/ready")
@Operation(
    scope=PUBLIC,
    answers={200: as_json("Records can be taken.", _status("ready"))},
    problems=("unavailable",),
)
def ready() -> Response:
    """Check that records can be taken: the database answers, is durable, and has the schema."""
    schema_head = current_app.extensions["pulso_schema_head"]
    if problems := check_ready(schema_head, pricing().billing_zone, deadline=deadline()):
        raise Unavailable(f"Not ready: {'; '.join(problems)}.")
    return jsonify(status="ready")

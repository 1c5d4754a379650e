"""`/health`: whether the process lives, and whether it can do its work."""

from flask import Blueprint, Response, current_app, jsonify

from app.api.authentication import public
from app.api.requests import deadline
from app.domain.errors import Unavailable
from app.services.readiness import check_ready

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
@public
def live() -> Response:
    """Say that this process answers."""
    return jsonify(status="live")


@blueprint.get("/ready")
@public
def ready() -> Response:
    """Say that records can be taken: the database answers, is durable, and has the schema."""
    if problems := check_ready(current_app.extensions["pulso_schema_head"], deadline=deadline()):
        raise Unavailable(f"Not ready: {'; '.join(problems)}.")
    return jsonify(status="ready")

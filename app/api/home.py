"""`/`: what this is, as a page for people and as JSON for programs."""

from html import escape
from pathlib import Path

from flask import Blueprint, Response, jsonify, request

from app.api.operation import PUBLIC, Answer, Operation
from app.schemas import fields

blueprint = Blueprint("home", __name__)

_PAGE = (Path(__file__).parent / "home.html").read_text()
_LINKS = {
    "documentation": "/docs",
    "openapi": "/openapi.json",
    "live": "/health/live",
    "ready": "/health/ready",
}


class HomeSchema(fields.AnswerSchema):
    """What answers here, and where to go."""

    name = fields.Text()
    description = fields.Text()
    links = fields.Member(
        {"type": "object", "additionalProperties": {"type": "string"}, "required": list(_LINKS)}
    )


@blueprint.get("/")
@Operation(
    scope=PUBLIC,
    answers={
        200: Answer(
            "What this is, with links: a page for a client that accepts HTML, else JSON.",
            {"application/json": HomeSchema, "text/html": {"type": "string"}},
        )
    },
)
def show_home() -> Response:
    """Say what answers here, and where to go."""
    accepted = request.accept_mimetypes
    if accepted["text/html"] > accepted["application/json"]:
        page = _PAGE.replace("ADDRESS", escape(request.host_url.rstrip("/")))
        response = Response(page, content_type="text/html; charset=utf-8")
    else:
        response = jsonify(name="Pulso", description="A telephone billing service.", links=_LINKS)
    response.headers["Vary"] = "Accept"
    return response

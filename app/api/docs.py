"""`/openapi.json` and `/docs`: the interface described, for machines and for people."""

from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify

from app.api.openapi.document import openapi_document
from app.api.operation import PUBLIC, Answer, Operation, as_json, without_body
from app.api.requests import CONDITIONS, with_etag
from app.domain.errors import NotFound

blueprint = Blueprint("docs", __name__)

_PAGE = Path(__file__).parent / "docs_page"
_SWAGGER_UI = Path(str(files("flask_swagger_ui"))) / "dist"
# The page draws itself by scripts and styles of this service alone; its icons are data.
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_ASSETS = {
    "start.js": (_PAGE / "start.js", "text/javascript"),
    "swagger-ui-bundle.js": (_SWAGGER_UI / "swagger-ui-bundle.js", "text/javascript"),
    "swagger-ui.css": (_SWAGGER_UI / "swagger-ui.css", "text/css"),
}


@blueprint.get("/openapi.json")
@Operation(scope=PUBLIC, answers={200: as_json("OpenAPI 3.1.", {"type": "object"})})
def show_document() -> Response:
    """Get this document."""
    document = current_app.extensions.get("pulso_openapi")
    if document is None:
        document = current_app.extensions["pulso_openapi"] = openapi_document(current_app)
    return jsonify(document)


@blueprint.get("/docs")
@Operation(scope=PUBLIC, answers={200: Answer("The page.", {"text/html": {"type": "string"}})})
def show_docs() -> Response:
    """Get this document as a page to read."""
    response = Response((_PAGE / "index.html").read_bytes(), mimetype="text/html")
    response.headers["Content-Security-Policy"] = _CONTENT_SECURITY_POLICY
    return response


@blueprint.get("/docs/<asset>")
@Operation(
    scope=PUBLIC,
    headers=CONDITIONS,
    answers={
        200: Answer(
            "The file.",
            {"text/css": {"type": "string"}, "text/javascript": {"type": "string"}},
            ("ETag",),
        ),
        304: without_body("The file has not changed since the `ETag` of `If-None-Match`.", "ETag"),
    },
    problems=("not-found",),
    bad_requests=(412,),
)
def send_asset(asset: str) -> Response:
    """Get a file of that page."""
    if asset not in _ASSETS:
        raise NotFound("The page has no such file.")
    path, mimetype = _ASSETS[asset]
    response = Response(path.read_bytes(), mimetype=mimetype)
    # Nobody's secret, and large: a browser may keep it, and asks whether it is still this one.
    response.headers["Cache-Control"] = "no-cache"
    return with_etag(response)

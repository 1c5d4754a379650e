"""The pages under the `type` of every problem: what it means."""

from flask import Blueprint, Response, jsonify

from app.api.authentication import public
from app.api.errors import PROBLEMS
from app.domain.errors import NotFound

blueprint = Blueprint("problems", __name__, url_prefix="/problems")


@blueprint.get("/<code>")
@public
def show_problem(code: str) -> Response:
    """Explain one kind of problem."""
    if code not in PROBLEMS:
        raise NotFound("There is no problem of this code.")
    kind = PROBLEMS[code]
    return jsonify(code=code, title=kind.title, status=kind.status, meaning=kind.meaning)

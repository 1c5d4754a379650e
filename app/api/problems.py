"""`/problems`: what each `type` of problem means."""

from flask import Blueprint, Response

from app.api.operation import PUBLIC, Operation, answer, as_json
from app.api.problem_table import PROBLEMS
from app.domain.errors import NotFound
from app.schemas import fields

blueprint = Blueprint("problems", __name__, url_prefix="/problems")


class ExplanationSchema(fields.AnswerSchema):
    """What a problem means."""

    code = fields.Member({"enum": list(PROBLEMS)})
    title = fields.Text()
    status = fields.Member({"type": "integer"})
    meaning = fields.Text()


@blueprint.get("/<code>")
@Operation(
    scope=PUBLIC,
    answers={200: as_json("The explanation.", ExplanationSchema)},
    problems=("not-found",),
)
def show_problem(code: str) -> Response:
    """Explain one kind of problem."""
    if code not in PROBLEMS:
        raise NotFound("There is no problem with this code.")
    return answer(ExplanationSchema, {"code": code, **PROBLEMS[code]._asdict()})

"""How errors are answered: as problems (RFC 9457)."""

import logging
from typing import Any

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.api.problem_table import PROBLEMS
from app.domain.errors import BillingError
from app.schemas import fields

logger = logging.getLogger(__name__)

_RETRY_AFTER_SECONDS = {429: 60, 503: 5}


class ProblemSchema(fields.AnswerSchema):
    """What `problem` writes."""

    class Meta(fields.AnswerSchema.Meta):
        """The document's description."""

        description = "A refusal or failure (RFC 9457). Decide by `code`."

    optional = ("errors", "kept", "suspense_id", "closes_at", "resolution")

    type = fields.Member({"type": "string", "pattern": "^/problems/[a-z-]+$"})
    title = fields.Text()
    status = fields.Member({"type": "integer", "minimum": 400, "maximum": 599})
    detail = fields.Text()
    code = fields.Member({"enum": list(PROBLEMS)})
    request_id = fields.Text()
    errors = fields.Member(fields.ref("Errors"))
    kept = fields.Member(
        {"type": "boolean", "description": "Whether what was sent is in suspense, committed."}
    )
    suspense_id = fields.SuspenseId()
    closes_at = fields.Member(fields.INSTANT)
    resolution = fields.Text()


_CODE_OF_STATUS = {
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    429: "too-many-requests",
}


def problem(code: str, detail: str, *, status: int | None = None, **members: Any) -> Response:
    """Return the answer for a problem of `PROBLEMS`. `members` that are None are left out."""
    kind = PROBLEMS[code]
    status = status or kind.status
    body = {
        "type": f"/problems/{code}",
        "title": kind.title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": g.request_id,
        **{name: value for name, value in members.items() if value is not None},
    }
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    if status in _RETRY_AFTER_SECONDS:
        response.headers["Retry-After"] = str(_RETRY_AFTER_SECONDS[status])
    return response


def register_error_handlers(app: Flask) -> None:
    """Answer every error as a problem; an unexpected one is logged and reveals no internals."""

    @app.before_request
    def answer_for_the_server() -> Response | None:
        refused: tuple[int, str, str] | None = request.environ.get("pulso.refusal")
        if refused is None:
            return None
        status, code, detail = refused
        return problem(code, detail, status=status)

    @app.errorhandler(BillingError)
    def answer_refusal(error: BillingError) -> Response:
        return problem(error.code, error.detail, **error.members)

    @app.errorhandler(HTTPException)
    def answer_http_error(error: HTTPException) -> Response:
        status = error.code or 500
        if status >= 500:
            return answer_failure(error)
        code = _CODE_OF_STATUS.get(status, "bad-request")
        answer = problem(code, PROBLEMS[code].meaning, status=status)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return answer

    @app.errorhandler(Exception)
    def answer_failure(error: Exception) -> Response:
        logger.error("request %s failed", g.request_id, exc_info=error)
        return problem("internal-error", "The service failed; the failure has been logged.")

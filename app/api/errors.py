"""The table of all problems, and how they are answered (RFC 9457)."""

import logging
from typing import Any, NamedTuple

from flask import Flask, Response, g, jsonify
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.domain.errors import BillingError
from app.schemas import fields

logger = logging.getLogger(__name__)

_RETRY_AFTER_SECONDS = {429: 60, 503: 5}


class Problem(NamedTuple):
    """A kind of problem: its HTTP status, its title, and its meaning for the client."""

    status: int
    title: str
    meaning: str


PROBLEMS = {
    "unreadable-body": Problem(
        400,
        "The body cannot be read",
        "The body is neither JSON nor CSV with the columns of a record, or it is cut short or nests"
        " too deep. Its bytes are kept in suspense.",
    ),
    "invalid-record": Problem(
        422,
        "The record is not valid",
        "The record was understood, but a field is missing or has an invalid value; `errors` says"
        " which. The bytes are kept in suspense.",
    ),
    "conflicting-record": Problem(
        409,
        "The record contradicts a stored one",
        "A record with the same call_id and type but another timestamp or number is stored already."
        " The stored one stands; this one is kept in suspense.",
    ),
    "contested-call": Problem(
        409,
        "The call is contested",
        "Two records of the call's other half contradict each other, and it is not known to which"
        " of them this one belongs. It is kept in suspense until a person says so.",
    ),
    "ends-before-start": Problem(
        422,
        "The call would end before it started",
        "The other half of the call is stored, and with this one the call would end before it"
        " started. This one is kept in suspense.",
    ),
    "in-the-future": Problem(
        422,
        "The record is from the future",
        "The timestamp is further ahead of the server's clock than allowed. The record is kept in"
        " suspense: a tariff for that time may not be published yet.",
    ),
    "no-tariff": Problem(
        422,
        "No tariff was in force",
        "The call started before the first tariff began. The record is kept in suspense.",
    ),
    "refused-by-database": Problem(
        422,
        "The record cannot be stored",
        "The database refuses one of its values. The bytes are kept in suspense.",
    ),
    "already-resolved": Problem(
        409,
        "The suspended record is already resolved",
        "It was stored, found to be a duplicate, or written off; `resolution` says which. Nothing"
        " changed.",
    ),
    "body-too-large": Problem(
        413,
        "The body is too large",
        "A request carries at most 10,000 records and 16 MiB. Nothing was kept: send the records in"
        " smaller parts.",
    ),
    "invalid-subscriber": Problem(
        422,
        "The subscriber's number is not valid",
        "A number has 10 or 11 digits: an area code of two, the first not 0, and 8 or 9 more.",
    ),
    "invalid-period": Problem(
        422, "The billing period is not valid", "A period is one month, as YYYY-MM, given once."
    ),
    "period-not-closed": Problem(
        409,
        "The period has not closed",
        "A month is billed after it has ended; `closes_at` says when that is.",
    ),
    "invalid-tariff": Problem(
        422,
        "The tariff is not valid",
        "A field is missing, has an invalid value, or conflicts with the published tariffs;"
        " `errors` says which. Nothing was published.",
    ),
    "tariff-exists": Problem(
        409,
        "Another tariff begins at the same instant",
        "Withdraw the other tariff first, or choose another instant. Nothing was published.",
    ),
    "tariff-in-use": Problem(
        409,
        "The tariff can no longer be withdrawn",
        "It has begun, or begins so soon that calls may have been priced by it. To replace a tariff"
        " in force, publish another one.",
    ),
    "period-pseudonymised": Problem(
        410,
        "The numbers of this month are no longer known",
        "Its calls are old, and pseudonyms have replaced their telephone numbers. The calls and"
        " their prices stay in the bill run of the month.",
    ),
    "invalid-parameter": Problem(
        422, "A parameter is not valid", "A parameter of the query has an invalid value."
    ),
    "unauthorized": Problem(
        401,
        "A valid key is needed",
        "The request has no key, or an unknown or revoked one. Nothing was kept.",
    ),
    "forbidden": Problem(
        403,
        "The key lacks the scope",
        "The key is valid, but not for this route. Nothing was kept.",
    ),
    "too-many-requests": Problem(
        429,
        "Too many requests",
        "Too many bills were read, or too many keys failed, within a minute. `Retry-After` says"
        " when to try again. Delivering records is never limited.",
    ),
    "invalid-request": Problem(
        422,
        "The request is not valid",
        "A field of the body is missing or has an invalid value; `errors` says which. Nothing was"
        " changed.",
    ),
    "bad-request": Problem(
        400,
        "The request cannot be served",
        "The request is not valid HTTP, or its body is not the JSON object that the route needs.",
    ),
    "not-found": Problem(
        404, "Not found", "The path does not exist, or there is nothing under it."
    ),
    "method-not-allowed": Problem(
        405, "The method is not allowed here", "The header `Allow` lists the allowed methods."
    ),
    "not-acceptable": Problem(
        406, "The format is not available", "The answer does not exist in the requested format."
    ),
    "internal-error": Problem(
        500,
        "The service failed",
        "An unexpected error was logged under the `request_id`. Sending a record again is always"
        " safe.",
    ),
    "unavailable": Problem(
        503,
        "The service is not available now",
        "The database is out of reach, or the service is not ready. `Retry-After` says when to try"
        " again; sending a record again is always safe.",
    ),
}


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

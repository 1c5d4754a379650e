"""`/v1/audit`: who changed what that touches money."""

from flask import Blueprint, Response

from app.api.operation import Operation, answer, as_json
from app.api.paging import cursor, page_of
from app.api.parameters import Parameter, Query, limit
from app.api.requests import deadline, query
from app.domain.key import Scope
from app.schemas.audit import AuditLinesSchema
from app.services import audit

blueprint = Blueprint("audit", __name__, url_prefix="/v1/audit")

_NEWEST = 2**63 - 1


def _line_id(text: str) -> int:
    line_id = int(text)
    if not 0 < line_id <= _NEWEST:
        raise ValueError
    return line_id


class _Query(Query):
    subject = Parameter(
        {"type": "string"}, "Only lines about this tariff id, number, suspense id or month."
    )
    limit = limit()
    cursor = cursor(_line_id, first=(_NEWEST,))


@blueprint.get("")
@Operation(
    scope=Scope.ADMIN,
    query=_Query(),
    answers={200: as_json("A page of the log.", AuditLinesSchema)},
    problems=("invalid-parameter",),
)
def list_audit() -> Response:
    """List the audit log, newest first."""
    given = query()
    [before_id] = given["cursor"]
    found = audit.audit_lines(
        before_id=before_id, subject=given["subject"], limit=given["limit"], deadline=deadline()
    )
    page = page_of("lines", found, given["limit"], lambda line: [str(line.line_id)])
    return answer(AuditLinesSchema, page)

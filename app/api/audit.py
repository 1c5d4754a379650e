"""`/v1/audit`: who changed what that touches money."""

from flask import Blueprint, Response, jsonify

from app.api.authentication import requires
from app.api.paging import page_limit, page_of, read_cursor
from app.api.representations import audit_line_json
from app.api.requests import deadline, parameter
from app.domain.key import Scope
from app.services import audit

blueprint = Blueprint("audit", __name__, url_prefix="/v1/audit")

_NEWEST = 2**63 - 1


@blueprint.get("")
@requires(Scope.ADMIN)
def list_audit() -> Response:
    """Give a page of the audit log, newest first."""
    limit = page_limit()
    (before_id,) = read_cursor(_line_id) or (_NEWEST,)
    found = audit.audit_lines(
        before_id=before_id, subject=parameter("subject"), limit=limit, deadline=deadline()
    )
    return jsonify(
        page_of("lines", found, audit_line_json, limit, lambda line: [str(line.line_id)])
    )


def _line_id(text: str) -> int:
    line_id = int(text)
    if not 0 < line_id <= _NEWEST:
        raise ValueError
    return line_id

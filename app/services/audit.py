"""The audit log, as staff read it; each service writes its own lines."""

from app.database.transactions import read
from app.domain.audit import AuditLine
from app.limits.deadline import Deadline
from app.store import audit


def audit_lines(
    *, before_id: int, subject: str | None, limit: int, deadline: Deadline
) -> list[AuditLine]:
    """Return at most `limit` lines older than `before_id`, newest first, of a `subject` or all."""
    return read(
        lambda connection: audit.list_page(
            connection, before_id=before_id, subject=subject, limit=limit
        ),
        deadline=deadline,
    )

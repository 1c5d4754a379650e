"""The audit log, as staff read it; each service writes its own lines."""

from app.database.transactions import retrying, transaction
from app.domain.audit import AuditLine
from app.store import audit


def audit_lines(*, before_id: int, subject: str | None, limit: int) -> list[AuditLine]:
    """Give at most `limit` lines older than `before_id`, newest first, of one `subject` or all."""

    def read() -> list[AuditLine]:
        with transaction(read_only=True) as cursor:
            return audit.list_page(cursor, before_id=before_id, subject=subject, limit=limit)

    return retrying(read)

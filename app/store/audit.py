"""The statements on `audit_log`: who changed what that touches money."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, insert, select

from app.database import models
from app.database.statements import RowsParameter
from app.domain.audit import Act, AuditLine, Deed
from app.domain.suspense import ID_DIGITS, is_short_id

_DEEDS = RowsParameter("deeds", models.AuditLine, *Deed._fields)
_RECORD = insert(models.AuditLine).from_select(_DEEDS.columns.keys(), select(_DEEDS.rows))

# By default the database checks at the commit, which may take no longer than one statement.
_CHECK = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"


def record(connection: Connection, deeds: Sequence[Deed]) -> None:
    """Write `deeds` to the log, in the transaction of the changes that they describe.

    The database commits no change of a tariff, a subscriber or a suspended record without its line.
    """
    connection.execute(_RECORD, _DEEDS.values(deeds))


def check(connection: Connection) -> None:
    """Let the database check now that the changes so far have their lines."""
    connection.exec_driver_sql(_CHECK)


def list_page(
    connection: Connection, *, before_id: int, subject: str | None, limit: int
) -> list[AuditLine]:
    """Return lines older than line `before_id`, newest first, of one `subject` or of all.

    The first digits of a suspense id stand for it.
    """
    statement = (
        select(models.AuditLine, models.ApiKey.name.label("actor_name"))
        .outerjoin(models.ApiKey, models.AuditLine.actor == "key:" + models.ApiKey.key_id)
        .where(models.AuditLine.id < before_id)
        .order_by(models.AuditLine.id.desc())
        .limit(limit)
    )
    if subject is not None:
        statement = statement.where(_is_about(subject))
    return [
        AuditLine(
            row.id,
            row.happened_at,
            Deed(row.actor, Act(row.act), row.subject, row.before, row.after),
            row.actor_name,
        )
        for row in connection.execute(statement)
    ]


def _is_about(subject: str) -> ColumnElement[bool]:
    column = models.AuditLine.subject
    if not is_short_id(subject):
        return column == subject
    return (column == subject) | (column.startswith(subject) & (func.length(column) == ID_DIGITS))

"""The audit log."""

from app.domain.audit import Act
from app.schemas import fields

_OBJECT_OR_NULL: fields.Json = {"type": ["object", "null"]}


class AuditLineSchema(fields.AnswerSchema):
    """Who did what to something that touches money."""

    id = fields.Count(attribute="line_id")
    happened_at = fields.Instant()
    actor = fields.Text(attribute="deed.actor")
    actor_name = fields.Member(fields.or_null(fields.TEXT))
    act = fields.Member({"enum": list(Act)}, attribute="deed.act")
    subject = fields.Text(attribute="deed.subject")
    before = fields.Member(_OBJECT_OR_NULL, attribute="deed.before")
    after = fields.Member(_OBJECT_OR_NULL, attribute="deed.after")


class AuditLinesSchema(fields.AnswerSchema):
    """A page of the audit log."""

    lines = fields.Items(AuditLineSchema)
    next_cursor = fields.NextCursor()

"""The audit log."""

from app.domain.audit import Act
from app.schemas.fields import AnswerSchema, Count, Instant, Items, Json, Member, NextCursor, Text

_OBJECT_OR_NULL: Json = {"type": ["object", "null"]}


class AuditLineSchema(AnswerSchema):
    """Who did what to something that touches money."""

    id = Count(attribute="line_id")
    happened_at = Instant()
    actor = Text(attribute="deed.actor")
    act = Member({"enum": list(Act)}, attribute="deed.act")
    subject = Text(attribute="deed.subject")
    before = Member(_OBJECT_OR_NULL, attribute="deed.before")
    after = Member(_OBJECT_OR_NULL, attribute="deed.after")


class AuditLinesSchema(AnswerSchema):
    """A page of the audit log."""

    lines = Items(AuditLineSchema)
    next_cursor = NextCursor()

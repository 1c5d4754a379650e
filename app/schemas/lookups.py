"""What became of records that a sender shows."""

from app.schemas import fields
from app.schemas.call_records import CallSummarySchema
from app.schemas.suspense import SuspendedRecordSchema


class LookedUpSchema(fields.AnswerSchema):
    """What is stored of one record."""

    optional = ("line", "call", "suspended_record")

    index = fields.Count()
    line = fields.Member({"type": "integer", "minimum": 1})
    state = fields.Member({"enum": ["stored", "suspended", "missing"]})
    call = fields.Object(CallSummarySchema)
    suspended_record = fields.Object(SuspendedRecordSchema)


class LookedUpRecordsSchema(fields.AnswerSchema):
    """What is stored of each record, in their order."""

    received = fields.Count()
    stored = fields.Count()
    suspended = fields.Count()
    missing = fields.Count()
    results = fields.Items(LookedUpSchema)

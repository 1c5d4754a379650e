"""What checks of a month find."""

from app.schemas import fields


class MonthChecksSchema(fields.AnswerSchema):
    """How much there is in a month for a person to look at."""

    period = fields.Month()
    twins = fields.Count()
    twin_calls = fields.Count()
    unnamed_payers = fields.Count()
    long_calls = fields.Count()
    old_calls = fields.Count()


class TwinsSchema(fields.AnswerSchema):
    """Calls with the same numbers and the same seconds of start and end."""

    source = fields.NumberOrPseudonym()
    destination = fields.NumberOrPseudonym()
    started_at = fields.Instant()
    ended_at = fields.Instant()
    calls = fields.Member({"type": "integer", "minimum": 2})
    call_ids = fields.Member(
        {
            "type": "array",
            "items": fields.IDENTIFIER,
            "maxItems": 10,
            "description": "The first ten.",
        }
    )


class TwinsPageSchema(fields.AnswerSchema):
    """A page of twins."""

    twins = fields.Items(TwinsSchema)
    next_cursor = fields.NextCursor()


class UnnamedPayerSchema(fields.AnswerSchema):
    """A number that pays in a month and has no name."""

    number = fields.NumberOrPseudonym()
    calls = fields.Count()
    total = fields.Price()
    total_amount = fields.Amount(attribute="total")


class UnnamedPayersSchema(fields.AnswerSchema):
    """A page of payers without a name."""

    unnamed_payers = fields.Items(UnnamedPayerSchema)
    next_cursor = fields.NextCursor()

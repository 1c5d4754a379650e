"""Subscribers: the names that go with numbers."""

from app.domain.subscriber import NAME_CHARACTERS_MAX, read_name
from app.schemas import fields

_NAME: fields.Json = {
    "type": "string",
    "minLength": 1,
    "maxLength": NAME_CHARACTERS_MAX,
    "description": "Without control characters, line breaks and outer white space.",
}


class SubscriberSchema(fields.AnswerSchema):
    """A number and its name."""

    number = fields.Member(fields.TELEPHONE_NUMBER)
    name = fields.Member(_NAME)


class SubscribersSchema(fields.AnswerSchema):
    """A page of subscribers."""

    subscribers = fields.Items(SubscriberSchema)
    next_cursor = fields.NextCursor()


class NameSchema(fields.RequestSchema):
    """The name that a subscriber gets."""

    name = fields.Member(_NAME, read=read_name, required=True)

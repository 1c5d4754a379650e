"""Subscribers: the names that go with numbers."""

from app.domain.subscriber import NAME_CHARACTERS_MAX, read_name
from app.schemas.fields import (
    TELEPHONE_NUMBER,
    AnswerSchema,
    Items,
    Json,
    Member,
    NextCursor,
    RequestSchema,
)

_NAME: Json = {
    "type": "string",
    "minLength": 1,
    "maxLength": NAME_CHARACTERS_MAX,
    "description": "Without control characters, line breaks and outer white space.",
}


class SubscriberSchema(AnswerSchema):
    """A number and its name."""

    number = Member(TELEPHONE_NUMBER)
    name = Member(_NAME)


class SubscribersSchema(AnswerSchema):
    """A page of subscribers."""

    subscribers = Items(SubscriberSchema)
    next_cursor = NextCursor()


class NameSchema(RequestSchema):
    """The name that a subscriber gets."""

    name = Member(_NAME, read=read_name, required=True)

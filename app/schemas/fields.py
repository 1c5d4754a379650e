"""What schemas are made of: a field that a function of the domain reads or writes, and its shape.

A shape is the JSON Schema of a value, as it appears in the OpenAPI document.
"""

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from functools import partial
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, validates_schema
from marshmallow.exceptions import SCHEMA
from marshmallow.fields import Field, List, Nested

from app.domain.bill import duration_text
from app.domain.call_record import instant_text
from app.domain.money import decimal_text, exact_text, reais
from app.domain.strict_json import Repeating
from app.domain.suspense import ID_DIGITS, ID_DIGITS_MIN

Json = dict[str, Any]

IDENTIFIER: Json = {"type": "string", "pattern": "^[ -~]{1,128}$"}
TELEPHONE_NUMBER: Json = {"type": "string", "pattern": "^[1-9][0-9]{9,10}$"}
# Calls of old months show pseudonyms instead of their numbers.
NUMBER_OR_PSEUDONYM: Json = {
    "type": "string",
    "pattern": "^([1-9][0-9]{9,10}|p[0-9a-f]{20})$",
    "description": "A telephone number, or the pseudonym of one.",
}
SUSPENSE_ID: Json = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
SUSPENSE_ID_OR_FIRST_DIGITS: Json = {
    "anyOf": [
        SUSPENSE_ID,
        {"type": "string", "pattern": f"^[0-9a-f]{{{ID_DIGITS_MIN},{ID_DIGITS - 1}}}$"},
    ],
    "description": f"A `suspense_id`, or at least its first {ID_DIGITS_MIN} digits.",
}
INSTANT: Json = {"type": "string", "format": "date-time"}
MONTH: Json = {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"}
PRICE: Json = {
    "type": "string",
    "pattern": r"^R\$ [0-9]{1,3}(\.[0-9]{3})*,[0-9]{2}$",
    "description": "For Brazilian readers, such as `R$ 1.234,56`.",
}
AMOUNT: Json = {
    "type": "string",
    "pattern": r"^[0-9]+\.[0-9]{2}$",
    "description": "The same price as decimal text, such as `1234.56`.",
}
EXACT_AMOUNT: Json = {
    "type": "string",
    "pattern": r"^[0-9]+\.[0-9]{2,4}$",
    "description": "An exact amount, with two to four decimals.",
}
CURRENCY: Json = {"type": "string", "pattern": "^[A-Z]{3}$"}
TIME_ZONE: Json = {
    "type": "string",
    "description": "An IANA name, such as `America/Sao_Paulo`.",
}
COUNT: Json = {"type": "integer", "minimum": 0}
DURATION: Json = {"type": "string", "pattern": "^[0-9]+h[0-9]{2}m[0-9]{2}s$"}
TEXT: Json = {"type": "string"}

_UNKNOWN_MAX = 30

_MESSAGES: Json = {
    "required": "is missing",
    "null": "must not be null",
    "type": "must be an object",
}


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a sentence that asks for the most similar of `known`, empty if none is similar."""
    similar = get_close_matches(name.lower(), known, n=1)
    return f"Did you mean {similar[0]}? " if similar else ""


def or_null(shape: Json) -> Json:
    """Return the shape of a value of `shape`, or `null`."""
    return shape | {"type": [shape["type"], "null"]}


def ref(name: str) -> Json:
    """Return a reference to the component schema of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


class Member(Field[Any]):
    """A field of `shape`. `read` makes its value of JSON, `write` makes JSON of its value.

    `read` raises ValueError for a value that it refuses, with the reason. Without `read` the field
    is never loaded; without `write` the value passes as it is.
    """

    def __init__(
        self,
        shape: Json,
        *,
        read: Callable[[Any], Any] | None = None,
        write: Callable[[Any], Any] | None = None,
        **options: Any,
    ) -> None:
        # marshmallow lets two fields show one attribute only where neither is ever loaded.
        super().__init__(dump_only=read is None, error_messages=_MESSAGES, **options)
        self.shape, self.read, self.write = shape, read, write

    def _serialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return value if self.write is None or value is None else self.write(value)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        try:
            return self.read(value) if self.read else value
        except ValueError as error:
            raise ValidationError(str(error)) from None


Text = partial(Member, TEXT)
Identifier = partial(Member, IDENTIFIER)
NumberOrPseudonym = partial(Member, NUMBER_OR_PSEUDONYM)
SuspenseId = partial(Member, SUSPENSE_ID)
Instant = partial(Member, INSTANT, write=instant_text)
Month = partial(Member, MONTH, write=str)
Price = partial(Member, PRICE, write=reais)
Amount = partial(Member, AMOUNT, write=decimal_text)
ExactAmount = partial(Member, EXACT_AMOUNT, write=exact_text)
Currency = partial(Member, CURRENCY)
Count = partial(Member, COUNT)
NextCursor = partial(Member, or_null(TEXT))
Duration = partial(Member, DURATION, write=duration_text)
Object = Nested  # One object of a schema.


class Items(List[Any]):
    """A list of objects of the schema `item`; `shape` adds to its JSON Schema."""

    def __init__(self, item: type[Schema], *, shape: Json | None = None, **options: Any) -> None:
        super().__init__(Nested(item), error_messages=_MESSAGES, **options)
        self.shape = shape or {}


class AnswerSchema(Schema):
    """A body that the service sends. All members are always there, except those in `optional`."""

    optional: tuple[str, ...] = ()

    class Meta:
        """An answer is never loaded, and the document does not forbid other members."""

        unknown = EXCLUDE


class RequestSchema(Schema):
    """A body that staff send: all that is wrong with it is reported at once."""

    error_messages = _MESSAGES

    class Meta:
        """Unknown fields are not loaded; they are refused by name below."""

        unknown = EXCLUDE

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _refuse_repeated_and_unknown(self, _data: Json, original: Any, **_: Any) -> None:
        """Refuse what would otherwise be lost unseen: a repeated field, and an unknown one."""
        if not isinstance(original, dict):
            return
        known = [field.data_key or name for name, field in self.fields.items()]
        errors = {
            name: [f"is not known. {nearest(name, known)}Known are: {', '.join(known)}"]
            for name in [*original][:_UNKNOWN_MAX]
            if name not in known
        }
        if isinstance(original, Repeating):
            errors |= {
                each["pointer"].lstrip("/") or SCHEMA: [each["detail"]] for each in original.errors
            }
        if errors:
            raise ValidationError(errors)


def pointers(error: ValidationError) -> list[dict[str, str]]:
    """Return what is wrong with a body as in a problem's `errors`: JSON pointers and details."""
    return list(_pointers(error.messages_dict, ""))


def _pointers(messages: Any, pointer: str) -> Iterator[dict[str, str]]:
    if isinstance(messages, dict):
        for key, within in messages.items():
            yield from _pointers(within, pointer if key == SCHEMA else f"{pointer}/{key}")
    else:
        yield from ({"pointer": pointer, "detail": detail} for detail in messages)

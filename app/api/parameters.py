"""Parameters of the query: how each is read, and what the OpenAPI document says of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError
from marshmallow.constants import missing

from app.domain.errors import InvalidPeriod
from app.domain.period import BillingPeriod
from app.schemas.fields import Json, Member

_AGE = re.compile(r"([0-9]{1,5})([smhd])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

PAGE_DEFAULT, PAGE_MAX = 100, 1000


class Query(Schema):
    """The parameters that a route takes."""

    class Meta:
        """`check_parameters` has refused unknown ones before."""

        unknown = EXCLUDE


class Parameter(Member):
    """A parameter, given once at most. An empty one is the default, if `shape` names a default.

    `read` takes text and raises ValueError with what is wrong, after "The parameter NAME".
    """

    def __init__(
        self,
        shape: Json,
        description: str,
        *,
        read: Callable[[str], Any] = str,
        example: str | None = None,
        load_default: Any = missing,
        **options: Any,
    ) -> None:
        if load_default is missing and not options.get("required"):
            load_default = shape.get("default")
        super().__init__(shape, read=read, load_default=load_default, **options)
        self.description, self.example = description, example

    def _deserialize(self, value: list[str], *args: Any, **options: Any) -> Any:
        if len(value) > 1:
            raise ValidationError("is given more than once")
        [text] = value
        if not text and "default" in self.shape:
            return self.load_default
        if not text.isprintable():
            raise ValidationError("has characters that cannot be printed")
        return super()._deserialize(text, *args, **options)


class _Month(Parameter):
    def _deserialize(self, value: list[str], *_: Any, **__: Any) -> BillingPeriod:
        if len(value) > 1:
            raise InvalidPeriod("The period is given more than once.")
        return BillingPeriod.read(value[0])


def month(description: str) -> Parameter:
    """Return a parameter that is a billing period, None if it is absent. Raises InvalidPeriod."""
    return _Month(
        {"type": "string", "pattern": "^([0-9]{4}-[0-9]{2}|[0-9]{2}/[0-9]{4})$"},
        description,
        example="2017-12",
    )


def one_of(*choices: str) -> Callable[[str], str]:
    """Return what reads one of `choices`."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"is one of: {', '.join(choices)}")
        return text

    return read


def read_age(text: str) -> timedelta:
    """Read a length of time such as `30m` or `7d`. Raises ValueError."""
    match = _AGE.fullmatch(text)
    if match is None:
        raise ValueError("is a length of time such as 90s, 30m, 24h or 7d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _read_limit(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) or not 1 <= int(text) <= PAGE_MAX:
        raise ValueError(f"is a whole number from 1 to {PAGE_MAX}")
    return int(text)


def limit() -> Parameter:
    """Return the parameter `limit` of a list."""
    shape = {"type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_DEFAULT}
    return Parameter(shape, "Items per page.", read=_read_limit)

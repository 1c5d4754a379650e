"""What a route takes, answers, needs and refuses: declared once, beside its view function.

Authentication reads the scope, `app/api/requests.py` the query and the body, and the OpenAPI
document all of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, TypeVar

from flask import Response, jsonify
from marshmallow import Schema

from app.domain.key import Scope
from app.schemas.fields import Json

View = TypeVar("View", bound=Callable[..., Any])
# A schema, or plain JSON Schema for what is not an object of fixed members.
Content = type[Schema] | Json

PUBLIC = None


class Answer(NamedTuple):
    """An answer that is not a problem: its body by media type, and its headers."""

    description: str
    content: Mapping[str, Content]
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Operation:
    """The declaration of a route, as a decorator of its view; the docstring is the summary."""

    scope: Scope | None  # That a key needs, or PUBLIC.
    other_scope: Scope | None = None  # That suffices, too.
    answers: Mapping[int, Answer]  # By status.
    problems: tuple[str, ...] = ()  # Codes, besides those of any route.
    bad_requests: tuple[int, ...] = ()  # Statuses of the problem `bad-request` besides 400.
    query: Schema = field(default_factory=Schema)
    headers: tuple[Json, ...] = ()  # Of the request, as far as the route reads them.
    body: Mapping[str, Content] = field(default_factory=dict)  # By media type.
    is_body_required: bool = True
    description: str = ""

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The sufficient scopes: a key needs one of them. None for a public route."""
        return tuple(scope for scope in (self.scope, self.other_scope) if scope is not None)

    @property
    def refuses_unknown_parameters(self) -> bool:
        """Whether a query parameter that is not declared is refused.

        The intake ignores it, since no record must be lost for it; so do the routes that monitoring
        and browsers call.
        """
        return self.scope not in (PUBLIC, Scope.INGEST, Scope.READ_METRICS)

    def __call__(self, view: View) -> View:
        """Declare `view`."""
        OPERATIONS[view] = self
        return view


OPERATIONS: dict[Callable[..., Any], Operation] = {}


def as_json(description: str, body: Content, *headers: str) -> Answer:
    """Return an answer in JSON."""
    return Answer(description, {"application/json": body}, headers)


def json_body(schema: type[Schema]) -> Mapping[str, Content]:
    """Return the declaration of a body in JSON."""
    return {"application/json": schema}


def header(name: str, description: str) -> Json:
    """Return the description of a header of the request that a route reads."""
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


def without_body(description: str, *headers: str) -> Answer:
    """Return an answer that has no body."""
    return Answer(description, {}, headers)


@cache
def schema_of(schema: type[Schema]) -> Schema:
    """Return an instance of `schema`, always the same one: making one takes longer than a dump."""
    return schema()


def answer(schema: type[Schema], value: object) -> Response:
    """Return the answer in JSON that `schema` writes of `value`."""
    return jsonify(schema_of(schema).dump(value))


def scopes_of(view: Callable[..., Any]) -> tuple[Scope, ...]:
    """Return the sufficient scopes for a view; undeclared views are closed."""
    declared = OPERATIONS.get(view)
    return (Scope.ADMIN,) if declared is None else declared.scopes

"""What a route takes, answers, needs and refuses: declared once, beside its view function.

Authentication reads the scope, `app/api/requests.py` the query and the body, and the OpenAPI
document all of it.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

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


class Operation(NamedTuple):
    """The declaration of a route; see `operation`."""

    scope: Scope | None
    answers: Mapping[int, Answer]
    problems: tuple[str, ...]
    bad_requests: tuple[int, ...]
    query: Schema
    headers: tuple[Json, ...]
    body: Mapping[str, Content]
    is_body_required: bool
    description: str


OPERATIONS: dict[Callable[..., Any], Operation] = {}


def operation(
    *,
    scope: Scope | None,
    answers: Mapping[int, Answer],
    problems: tuple[str, ...] = (),
    bad_requests: tuple[int, ...] = (),
    query: type[Schema] = Schema,
    headers: tuple[Json, ...] = (),
    body: Mapping[str, Content] | type[Schema] | None = None,
    is_body_required: bool = True,
    description: str = "",
) -> Callable[[View], View]:
    """Declare the route of a view function; its docstring is the summary.

    `scope` is the one that a key needs, or PUBLIC. `answers` are by status. `problems` are the
    codes that this route can answer, besides those that any route can; `bad_requests` are statuses
    other than 400 of the problem `bad-request`. `headers` are those of the request that the route
    reads. `body` is a schema for JSON, or bodies by media type.
    """
    content = {"application/json": body} if isinstance(body, type) else body or {}

    def declare(view: View) -> View:
        OPERATIONS[view] = Operation(
            scope,
            answers,
            problems,
            bad_requests,
            query(),
            headers,
            content,
            is_body_required,
            description,
        )
        return view

    return declare


def as_json(description: str, body: Content, *headers: str) -> Answer:
    """Return an answer in JSON."""
    return Answer(description, {"application/json": body}, headers)


def header(name: str, description: str) -> Json:
    """Return the description of a header of the request that a route reads."""
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


def without_body(description: str, *headers: str) -> Answer:
    """Return an answer that has no body."""
    return Answer(description, {}, headers)


def scope_of(view: Callable[..., Any]) -> Scope | None:
    """Return the scope that a view needs, PUBLIC for a public one; undeclared views are closed."""
    declared = OPERATIONS.get(view)
    return Scope.ADMIN if declared is None else declared.scope

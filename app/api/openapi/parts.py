"""What the descriptions of routes are made of: OpenAPI's own objects, as plain dicts."""

from collections.abc import Mapping
from typing import Any, NamedTuple

Json = dict[str, Any]

IDENTIFIER: Json = {"type": "string", "pattern": "^[ -~]{1,128}$"}
TELEPHONE_NUMBER: Json = {"type": "string", "pattern": "^[1-9][0-9]{9,10}$"}
# What is shown of an old call, whose numbers are no longer known.
NUMBER_OR_PSEUDONYM: Json = {
    "type": "string",
    "pattern": "^([1-9][0-9]{9,10}|p[0-9a-f]{20})$",
    "description": "A telephone number, or the pseudonym of one.",
}
SUSPENSE_ID: Json = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
INSTANT: Json = {"type": "string", "format": "date-time"}
MONTH: Json = {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"}
PRICE: Json = {
    "type": "string",
    "pattern": r"^R\$ [0-9]{1,3}(\.[0-9]{3})*,[0-9]{2}$",
    "description": "As a Brazilian reads it, such as `R$ 1.234,56`.",
}
AMOUNT: Json = {
    "type": "string",
    "pattern": r"^[0-9]+\.[0-9]{2}$",
    "description": "The same as decimal text, such as `1234.56`.",
}
EXACT_AMOUNT: Json = {
    "type": "string",
    "pattern": r"^[0-9]+\.[0-9]{2,4}$",
    "description": "An exact amount, with two to four decimals.",
}
CURRENCY: Json = {"type": "string", "pattern": "^[A-Z]{3}$"}
COUNT: Json = {"type": "integer", "minimum": 0}
DURATION: Json = {"type": "string", "pattern": "^[0-9]+h[0-9]{2}m[0-9]{2}s$"}


class Answer(NamedTuple):
    """An answer that is no problem: the schema of its body by media type, none without a body."""

    description: str
    content: Mapping[str, Json]
    headers: tuple[str, ...] = ()


class Operation(NamedTuple):
    """What is said of a route besides what shows in its code: answers by status, codes of problems.

    Problems that any route can have are not among `problems`; `bad_requests` are statuses besides
    400 with which `bad-request` is told. `body` has the schema of a body by media type.
    """

    answers: Mapping[int, Answer]
    problems: tuple[str, ...] = ()
    bad_requests: tuple[int, ...] = ()
    parameters: tuple[Json, ...] = ()
    body: Mapping[str, Json] | None = None
    is_body_required: bool = True
    description: str = ""


def as_json(description: str, schema: Json, *headers: str) -> Answer:
    """Give an answer in JSON."""
    return Answer(description, {"application/json": schema}, headers)


def ref(name: str) -> Json:
    """Give a reference to the schema of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def members(properties: Json, *, optional: tuple[str, ...] = ()) -> Json:
    """Give the schema of an object with these members, all there but the `optional` ones."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
    }


def a_list(schema: Json) -> Json:
    """Give the schema of a list."""
    return {"type": "array", "items": schema}


def or_null(schema: Json) -> Json:
    """Give the schema of what `schema` describes, or `null`."""
    if "type" in schema:
        return schema | {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def query(name: str, schema: Json, description: str, *, example: str | None = None) -> Json:
    """Give an optional parameter of the query. One that has a default may be given empty too."""
    said: Json = {"name": name, "in": "query", "description": description, "schema": schema}
    if "default" in schema:
        said["allowEmptyValue"] = True
    return said if example is None else said | {"example": example}


def header(name: str, description: str) -> Json:
    """Give a header of the request that a route looks at."""
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


def page_of(name: str, item: Json) -> Json:
    """Give the schema of a page of a list."""
    return members({name: a_list(item), "next_cursor": {"type": ["string", "null"]}})


PAGING = (
    query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
        "How many on a page.",
    ),
    query(
        "cursor",
        {"type": "string"},
        "The `next_cursor` of the page before, which is `null` on the last one.",
    ),
)

CONDITIONS = (
    header("If-None-Match", "The `ETag` of what is there already."),
    header("If-Match", "The `ETag` that the answer must have."),
)

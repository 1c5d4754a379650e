"""Compares answers of the service with what its OpenAPI document says of them."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import jsonschema_rs
import pytest
from flask import Flask, Response, request, request_finished

from app.api.openapi.document import openapi_document
from app.api.operation import OPERATIONS
from tests.routes import the_app

Json = dict[str, Any]

DECLARED = {view.__name__ for view in OPERATIONS}
# Of a kind, route and status, so many are compared: the suite has some ten thousand.
OF_A_KIND_MAX = 200


def closed(schema: Any) -> Any:
    """The schema, but refusing members that it does not name: an answer has no others."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(each) for name, each in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        made.setdefault("additionalProperties", False)
    return made


class Kind(NamedTuple):
    """Answers that are compared with one part of the document; `view` is empty for no route."""

    view: str
    method: str
    status: int


class Contract:
    """The document, and what was found against it since it was last asked."""

    def __init__(self, document: Json) -> None:
        self.components = closed(document["components"])
        self.operations = {
            operation["operationId"]: operation
            for path in document["paths"].values()
            for operation in path.values()
        }
        self.violations: list[str] = []
        self.seen: Counter[Kind] = Counter()
        self._validators: dict[tuple[str, str, str], jsonschema_rs.Validator] = {}

    def compare(self, sender: Flask, response: Response) -> None:
        """Note what is wrong with an answer that `sender` is about to give."""
        view = sender.view_functions[request.endpoint].__name__ if request.endpoint else ""
        if (view and view not in DECLARED) or request.method == "OPTIONS":
            return  # A route that a test made; an answer that HTTP itself describes.
        kind = Kind(view, request.method, response.status_code)
        self.seen[kind] += 1
        if self.seen[kind] <= OF_A_KIND_MAX and (wrong := self._wrong(kind, response)):
            self.violations.append(f"{kind}: {wrong}")

    def _wrong(self, kind: Kind, response: Response) -> str | None:
        said = self._said(kind)
        if said is None:
            return "the document does not have this status"
        if absent := [name for name in said["headers"] if name not in response.headers]:
            return f"the headers {absent} are not there"
        content = said.get("content", {})
        if not content:
            return None  # Of 204 and 304, which have no body whatever is given.
        if response.mimetype is None or response.mimetype not in content:
            return f"{response.mimetype} is not among {list(content)}"
        if response.is_streamed or not response.mimetype.endswith("json"):
            return None
        validator = self._validator(kind, response.mimetype, content)
        body = json.loads(response.get_data())
        return "; ".join(
            f"{error.instance_path}: {error.message}" for error in validator.iter_errors(body)
        )

    def _said(self, kind: Kind) -> Json | None:
        if kind.view:
            said: Json | None = self.operations[kind.view]["responses"].get(str(kind.status))
            return said
        # There is nothing at the path, or not by this method: a problem all the same.
        problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
        return {"headers": {}, "content": {"application/problem+json": problem}}

    def _validator(self, kind: Kind, mimetype: str, content: Json) -> jsonschema_rs.Validator:
        key = (kind.view, str(kind.status), mimetype)
        if key not in self._validators:
            schema = closed(content[mimetype]["schema"]) | {"components": self.components}
            self._validators[key] = jsonschema_rs.Draft202012Validator(
                schema, validate_formats=True
            )
        return self._validators[key]


@pytest.fixture(scope="session")
def contract() -> Iterator[Contract]:
    """The document, with which every answer of every application is compared."""
    made = Contract(openapi_document(the_app()))
    with request_finished.connected_to(made.compare):
        yield made


@pytest.fixture(autouse=True)
def answers_as_documented(contract: Contract) -> Iterator[None]:
    """Fail the test in which an answer was not as the document says."""
    yield
    found, contract.violations = contract.violations, []
    assert not found, "\n".join(found)

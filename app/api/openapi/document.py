"""The document as a whole: the routes of an application, with what is said of each."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from werkzeug.routing import Rule

from app.api.authentication import scope_of
from app.api.errors import PROBLEMS
from app.api.openapi import bills, call_records, calls, service, subscribers, suspense, tariffs
from app.api.openapi.components import (
    ABOUT,
    HEADERS,
    PATH_PARAMETERS,
    REQUEST_ID,
    SECURITY_SCHEMES,
)
from app.api.openapi.parts import Answer, Json, Operation, ref
from app.domain.key import Scope

VERSION = "1"

_RESOURCES = (call_records, calls, bills, tariffs, subscribers, suspense, service)

# By the name of the view function.
OPERATIONS: dict[str, Operation] = {
    name: operation for each in _RESOURCES for name, operation in each.OPERATIONS.items()
}
_SCHEMAS: Json = {name: schema for each in _RESOURCES for name, schema in each.SCHEMAS.items()}
# Real ones: of requests and answers by view function and status; of problems what is special there.
EXAMPLES: Json = json.loads(Path(__file__).with_name("examples.json").read_text("utf-8"))

_OTHER_METHODS = {"HEAD", "OPTIONS"}  # They follow from GET, and from HTTP.
_HEADERS_OF_STATUS = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}


def openapi_document(app: Flask) -> Json:
    """Describe the routes of `app`. One of which nothing is said here is left out."""
    spec = APISpec("Pulso", VERSION, "3.1.0", [MarshmallowPlugin()], **ABOUT)
    for name, validating in call_records.VALIDATING.items():
        spec.components.schema(name, schema=validating)
    for name, schema in _SCHEMAS.items():
        spec.components.schema(name, schema)
    for name, header in HEADERS.items():
        spec.components.header(name, header)
    for name, scheme in SECURITY_SCHEMES.items():
        spec.components.security_scheme(name, scheme)
    for code in PROBLEMS:
        spec.components.example(code, {"value": _problem_example(code)})
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if view.__name__ in OPERATIONS:
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            spec.path(path, operations=_operations(rule, view))
    return spec.to_dict()


def _operations(rule: Rule, view: Any) -> Json:
    scope, said = scope_of(view), OPERATIONS[view.__name__]
    path_parameters = [PATH_PARAMETERS[name] for name in sorted(rule.arguments)]
    summary, _, _ = (view.__doc__ or "").partition("\n\n")
    operation = {
        "operationId": view.__name__,
        "tags": [rule.endpoint.partition(".")[0]],
        "summary": " ".join(summary.replace("`", "").split()).rstrip("."),
        "description": _description(said.description, scope),
        "security": [] if scope is None else [{name: [scope]} for name in SECURITY_SCHEMES],
        "parameters": [*path_parameters, *said.parameters, REQUEST_ID],
        "responses": _answers(view.__name__, said) | _problems(_codes(said, scope)),
    }
    if said.body is not None:
        operation["requestBody"] = {
            "required": said.is_body_required,
            "content": _content(said.body, view.__name__, "request"),
        }
    return {method.lower(): operation for method in (rule.methods or set()) - _OTHER_METHODS}


def _description(text: str, scope: Scope | None) -> str:
    needed = f"Needs a key for `{scope}`." if scope else "Needs no key."
    return f"{' '.join(text.split())}\n\n{needed}".strip()


def _codes(said: Operation, scope: Scope | None) -> set[tuple[int, str]]:
    """Give the problems of a route, each with its status."""
    codes = {*said.problems, "internal-error"}
    if scope is not None:
        codes |= {"unauthorized", "forbidden", "unavailable"}
        if scope is not Scope.INGEST:
            codes.add("too-many-requests")
    if said.body is not None:
        codes |= {"bad-request", "body-too-large"}
    special = {(status, "bad-request") for status in said.bad_requests}
    return special | {(PROBLEMS[code].status, str(code)) for code in codes}


def _answers(view: str, said: Operation) -> Json:
    return {
        str(status): _response(answer, _content(answer.content, view, str(status)))
        for status, answer in said.answers.items()
    }


def _response(answer: Answer, content: Json) -> Json:
    response: Json = {"description": answer.description, "headers": _headers(*answer.headers)}
    return response | ({"content": content} if content else {})


def _content(schemas: Mapping[str, Json], view: str, of: str) -> Json:
    examples = EXAMPLES.get(view, {}).get(of, {})
    return {
        media_type: {"schema": schema, "examples": _named(examples.get(media_type, {}))}
        for media_type, schema in schemas.items()
    }


def _named(examples: Json) -> Json:
    return {name: {"value": value} for name, value in examples.items()}


def _problems(codes: Iterable[tuple[int, str]]) -> Json:
    codes_of_status = defaultdict(list)
    for status, code in sorted(codes):
        codes_of_status[status].append(code)
    return {str(status): _problem(status, codes) for status, codes in codes_of_status.items()}


def _problem(status: int, codes: list[str]) -> Json:
    schema = ref("Problem") | {"properties": {"code": {"enum": codes}}}
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in codes}
    special = [_HEADERS_OF_STATUS[status]] if status in _HEADERS_OF_STATUS else []
    return {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(f'`{code}`' for code in codes)}.",
        "headers": _headers(*special),
        "content": {"application/problem+json": {"schema": schema, "examples": examples}},
    }


def _headers(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-ID", *names)}


def _problem_example(code: str) -> Json:
    kind = PROBLEMS[code]
    return {
        "type": f"/problems/{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.meaning,
        "code": code,
        "request_id": "2377fecf22ae41658471d7e06516d762",
        **EXAMPLES["problems"].get(code, {}),
    }

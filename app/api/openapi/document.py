"""The document as a whole: the routes of an application, as each is declared beside its view."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_instance
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask
from werkzeug.routing import Rule

from app.api.errors import ProblemSchema
from app.api.openapi.components import (
    ABOUT,
    HEADERS,
    PATH_PARAMETERS,
    REQUEST_ID,
    SCHEMAS,
    SECURITY_SCHEMES,
)
from app.api.operation import OPERATIONS, Answer, Content, Operation
from app.api.parameters import Parameter
from app.api.problem_table import PROBLEMS
from app.domain.key import Scope
from app.schemas.bills import BillRunEndSchema, BillTotalsSchema
from app.schemas.call_records import CallRecordReader
from app.schemas.fields import AnswerSchema, Json, RequestSchema, ref

VERSION = "1"

# Real requests and answers, by view function and status; of problems, their own members.
EXAMPLES: Json = json.loads(Path(__file__).with_name("examples.json").read_text("utf-8"))

_OTHER_METHODS = {"HEAD", "OPTIONS"}  # They follow from GET and from HTTP.
_HEADERS_OF_STATUS = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}


class _Converter(OpenAPIConverter):
    """Makes JSON Schema of our schemas, whose fields name their shapes."""

    def field2property(self, field: Any) -> Json:
        """Return the JSON Schema of a field."""
        return super().field2property(field) | getattr(field, "shape", {})

    def field2read_only(self, *_: Any, **__: Any) -> Json:
        """Leave `readOnly` out: requests and answers have schemas of their own."""
        return {}

    def schema2jsonschema(self, schema: Any) -> Json:
        """Return the JSON Schema of a schema; what is not optional in an answer is required."""
        untyped: Any = super()
        made: Json = untyped.schema2jsonschema(schema)
        instance = resolve_schema_instance(schema)
        if isinstance(instance, AnswerSchema):
            made["required"] = [
                name for name in made["properties"] if name not in instance.optional
            ]
        elif isinstance(instance, RequestSchema):
            made["required"].sort(key=list(made["properties"]).index)
        return made


class _Plugin(MarshmallowPlugin):
    Converter = _Converter


def openapi_document(app: Flask) -> Json:
    """Describe the routes of `app` that are declared."""
    spec = APISpec("Pulso", VERSION, "3.1.0", [_Plugin()], **ABOUT)
    _add_components(spec)
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if view in OPERATIONS:
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            spec.path(path, operations=_operations(rule, view))
    return spec.to_dict()


def _add_components(spec: APISpec) -> None:
    reader = CallRecordReader(ZoneInfo("UTC"))
    spec.components.schema("StartRecord", schema=reader.start)
    spec.components.schema("EndRecord", schema=reader.end)
    spec.components.schema("Problem", schema=ProblemSchema)
    spec.components.schema("BillTotals", schema=BillTotalsSchema)  # A line of a bill run.
    spec.components.schema("BillRunEnd", schema=BillRunEndSchema)  # The last line of one.
    for name, schema in SCHEMAS.items():
        spec.components.schema(name, schema)
    for name, header in HEADERS.items():
        spec.components.header(name, header)
    for name, scheme in SECURITY_SCHEMES.items():
        spec.components.security_scheme(name, scheme)
    for code in PROBLEMS:
        spec.components.example(code, {"value": _problem_example(code)})


def _operations(rule: Rule, view: Callable[..., Any]) -> Json:
    name, declared = view.__name__, OPERATIONS[view]
    path_parameters = [PATH_PARAMETERS[argument] for argument in sorted(rule.arguments)]
    parameters = [_parameter(each, field) for each, field in declared.query.fields.items()]
    summary, _, _ = (view.__doc__ or "").partition("\n\n")
    operation = {
        "operationId": name,
        "tags": [rule.endpoint.partition(".")[0]],
        "summary": " ".join(summary.replace("`", "").split()).rstrip("."),
        "description": _description(declared.description, declared.scopes),
        "security": []
        if not declared.scopes
        else [{each: [scope]} for scope in declared.scopes for each in SECURITY_SCHEMES],
        "parameters": [*path_parameters, *parameters, *declared.headers, REQUEST_ID],
        "responses": _answers(name, declared) | _problems(_codes(declared)),
    }
    if declared.body:
        operation["requestBody"] = {
            "required": declared.is_body_required,
            "content": _content(declared.body, name, "request"),
        }
    return {method.lower(): operation for method in (rule.methods or set()) - _OTHER_METHODS}


def _parameter(name: str, field: Any) -> Json:
    assert isinstance(field, Parameter)
    declared: Json = {
        "name": name,
        "in": "query",
        "description": field.description,
        "schema": field.shape,
    }
    if "default" in field.shape:
        declared["allowEmptyValue"] = True
    if field.example is not None:
        declared["example"] = field.example
    return declared | ({"required": True} if field.required else {})


def _description(text: str, scopes: tuple[Scope, ...]) -> str:
    named = " or ".join(f"`{scope}`" for scope in scopes)
    needed = f"Needs a key for {named}." if scopes else "Needs no key."
    return f"{' '.join(text.split())}\n\n{needed}".strip()


def _codes(declared: Operation) -> set[tuple[int, str]]:
    """Return the problems of a route, each with its status."""
    codes = {*declared.problems, "internal-error"}
    if declared.scopes:
        codes |= {"unauthorized", "forbidden", "unavailable"}
        if Scope.INGEST not in declared.scopes:
            codes.add("too-many-requests")
    if declared.refuses_unknown_parameters:
        codes.add("unknown-parameter")
    if declared.body:
        codes |= {"bad-request", "body-too-large"}
    special = {(status, "bad-request") for status in declared.bad_requests}
    return special | {(PROBLEMS[code].status, str(code)) for code in codes}


def _answers(view: str, declared: Operation) -> Json:
    return {
        str(status): _response(answer, _content(answer.content, view, str(status)))
        for status, answer in declared.answers.items()
    }


def _response(answer: Answer, content: Json) -> Json:
    response: Json = {"description": answer.description, "headers": _headers(*answer.headers)}
    return response | ({"content": content} if content else {})


def _content(schemas: Mapping[str, Content], view: str, of: str) -> Json:
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

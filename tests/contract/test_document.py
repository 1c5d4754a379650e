"""The OpenAPI document: valid, whole, and true to the routes, the keys and the problems."""

import re

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.api.openapi.document import openapi_document
from app.api.operation import OPERATIONS, scopes_of
from app.api.problem_table import PROBLEMS
from app.domain.key import Scope
from tests.routes import the_app

APP = the_app()
DOCUMENT = openapi_document(APP)
EVERY = [
    pytest.param(path, method, operation, id=operation["operationId"])
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def content_of(operation):
    """The media types of an operation's body and answers, problems among them."""
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    return [said for body in bodies for said in body.get("content", {}).items()]


def value_of(example):
    if "$ref" in example:
        return DOCUMENT["components"]["examples"][example["$ref"].rpartition("/")[2]]["value"]
    return example["value"]


def test_the_document_is_openapi_3_1():
    assert DOCUMENT["openapi"].startswith("3.1")
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_every_route_is_described_and_nothing_else_is():
    routed = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in APP.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, said in DOCUMENT["paths"].items() for method in said}

    assert described == routed
    assert {each.values[2]["operationId"] for each in EVERY} == {
        view.__name__ for view in OPERATIONS
    }


@pytest.mark.parametrize(("path", "method", "operation"), EVERY)
def test_the_key_that_a_route_needs_is_the_one_it_asks_for(path, method, operation):
    [scopes] = {
        scopes_of(view)
        for view in APP.view_functions.values()
        if view.__name__ == operation["operationId"]
    }

    schemes = DOCUMENT["components"]["securitySchemes"]
    assert operation["security"] == [{name: [scope]} for scope in scopes for name in schemes]
    assert ("401" in operation["responses"]) == bool(scopes)
    assert ("429" in operation["responses"]) == (bool(scopes) and Scope.INGEST not in scopes)


@pytest.mark.parametrize(("path", "method", "operation"), EVERY)
def test_a_route_is_described_in_words_and_its_path_by_parameters(path, method, operation):
    named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}

    assert operation["summary"]
    assert named == set(re.findall(r"{(\w+)}", path))
    assert all(each["description"] for each in operation["parameters"])
    assert all(each["description"] for each in operation["responses"].values())


@pytest.mark.parametrize(("path", "method", "operation"), EVERY)
def test_json_has_examples_and_they_are_valid(path, method, operation):
    for media_type, said in content_of(operation):
        examples = [value_of(example) for example in said["examples"].values()]
        if media_type.endswith(("/json", "+json")) and operation["operationId"] != "show_document":
            assert examples
        schema = said["schema"] | {"components": DOCUMENT["components"]}
        for example in examples:
            jsonschema_rs.validate(schema, example, validate_formats=True)


def test_every_problem_is_an_answer_of_a_route_or_of_http_itself():
    told = {
        code
        for each in EVERY
        for media_type, said in content_of(each.values[2])
        if media_type == "application/problem+json"
        for code in said["schema"]["properties"]["code"]["enum"]
    }

    assert told | {"method-not-allowed"} == PROBLEMS.keys()
    assert DOCUMENT["components"]["examples"].keys() == PROBLEMS.keys()
    assert "method-not-allowed" in DOCUMENT["info"]["description"]


@pytest.mark.parametrize(("path", "method", "operation"), EVERY)
def test_a_problem_has_its_own_status(path, method, operation):
    for status, answer in operation["responses"].items():
        for media_type, said in answer.get("content", {}).items():
            if media_type == "application/problem+json":
                codes = set(said["schema"]["properties"]["code"]["enum"]) - {"bad-request"}
                assert {str(PROBLEMS[code].status) for code in codes} <= {status}


def test_every_schema_is_used():
    used = set(re.findall(r"#/components/schemas/(\w+)", repr(DOCUMENT)))

    assert used | {"Bill", "BillTotals", "BillRunEnd"} == DOCUMENT["components"]["schemas"].keys()

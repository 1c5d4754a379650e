"""The released document is that of the code, and no change that breaks clients gets by."""

import copy
import json

import pytest

from tests.contract import release
from tests.contract.compatibility import breaking_changes
from tests.contract.release import RELEASED, current

BILL = "/v1/bills/{subscriber}"


def schema_of(document, name):
    return document["components"]["schemas"][name]


def operation_of(document, path=BILL, method="get"):
    return document["paths"][path][method]


def parameter_of(document, name, path=BILL):
    return next(each for each in operation_of(document, path)["parameters"] if each["name"] == name)


BREAKING = {
    "a-path-is-gone": lambda new: new["paths"].pop(BILL),
    "a-method-is-gone": lambda new: new["paths"]["/v1/tariffs/{tariff_id}"].pop("delete"),
    "a-status-is-gone": lambda new: operation_of(new)["responses"].pop("304"),
    "a-media-type-of-an-answer-is-gone": lambda new: operation_of(new, "/v1/bills")["responses"][
        "200"
    ]["content"].pop("text/csv"),
    "a-header-is-gone": lambda new: operation_of(new)["responses"]["200"]["headers"].pop("ETag"),
    "a-member-of-an-answer-is-gone": lambda new: schema_of(new, "Bill")["properties"].pop("total"),
    "a-member-of-a-list-is-gone": lambda new: schema_of(new, "BillLine")["properties"].pop("price"),
    "a-member-of-an-answer-is-not-certain": lambda new: schema_of(new, "Bill")["required"].remove(
        "total"
    ),
    "a-member-may-be-null": lambda new: schema_of(new, "Bill")["properties"]["call_count"].update(
        type=["integer", "null"]
    ),
    "a-text-has-another-form": lambda new: schema_of(new, "Bill")["properties"]["total"].update(
        pattern="^USD"
    ),
    "a-number-may-be-smaller": lambda new: schema_of(new, "Bill")["properties"][
        "call_count"
    ].update(minimum=-1),
    "an-answer-has-another-form-too": lambda new: schema_of(new, "Report")["properties"].pop(
        "received"
    ),
    "a-problem-lacks-its-code": lambda new: (
        [
            said["schema"].pop("properties")
            for path in new["paths"].values()
            for operation in path.values()
            for answer in operation["responses"].values()
            for said in answer.get("content", {}).values()
            if "properties" in said["schema"]
        ]
        and schema_of(new, "Problem")["properties"].pop("code")
    ),
    "a-parameter-is-gone": lambda new: operation_of(new)["parameters"].remove(
        parameter_of(new, "period")
    ),
    "a-parameter-is-required": lambda new: parameter_of(new, "period").update(required=True),
    "a-new-parameter-is-required": lambda new: operation_of(new)["parameters"].append(
        {"name": "new", "in": "query", "required": True, "schema": {}}
    ),
    "a-parameter-takes-less": lambda new: parameter_of(new, "limit", "/v1/calls")["schema"].update(
        maximum=10
    ),
    "a-parameter-takes-fewer-values": lambda new: parameter_of(new, "totals", "/v1/bills")[
        "schema"
    ].update(enum=["0"]),
    "a-form-of-the-body-is-gone": lambda new: operation_of(new, "/v1/call-records", "post")[
        "requestBody"
    ]["content"].pop("text/csv"),
    "a-body-is-required": lambda new: operation_of(new, "/v1/suspense/{suspense_id}/retry", "post")[
        "requestBody"
    ].update(required=True),
    "a-field-of-the-body-is-required": lambda new: schema_of(new, "EndRecord")["required"].append(
        "call_id"
    ),
    "a-field-of-the-body-is-not-read": lambda new: schema_of(new, "Note")["properties"].pop("note"),
    "a-field-of-the-body-takes-less": lambda new: schema_of(new, "Note")["properties"][
        "note"
    ].update(maxLength=10),
    "another-scope-is-needed": lambda new: operation_of(new).update(
        security=[{"X-API-Key": ["admin"]}]
    ),
    "a-key-is-needed": lambda new: operation_of(new, "/health/live").update(
        security=[{"X-API-Key": ["admin"]}]
    ),
}
HARMLESS = {
    "nothing": lambda new: None,
    "a-new-path": lambda new: new["paths"].update(new=new["paths"][BILL]),
    "a-new-optional-parameter": lambda new: operation_of(new)["parameters"].append(
        {"name": "new", "in": "query", "schema": {}}
    ),
    "a-new-member": lambda new: schema_of(new, "Bill")["properties"].update(new={}),
    "a-new-certain-member": lambda new: (
        schema_of(new, "Bill")["properties"].update(new={}),
        schema_of(new, "Bill")["required"].append("new"),
    ),
    "a-new-problem": lambda new: operation_of(new)["responses"].update({"418": {}}),
    "a-problem-is-gone": lambda new: operation_of(new)["responses"].pop("406"),
    "a-new-reason": lambda new: schema_of(new, "Reason")["enum"].append("new"),
    "a-parameter-takes-more": lambda new: parameter_of(new, "limit", "/v1/calls")["schema"].update(
        maximum=10_000
    ),
    "another-description": lambda new: operation_of(new).update(description="new"),
    "a-scope-that-the-old-one-includes": lambda new: operation_of(new, "/v1/tariffs").update(
        security=[{name: ["calls:read"]} for name in ("X-API-Key", "Bearer", "Basic")]
    ),
    "a-key-is-no-longer-needed-beside-others": lambda new: operation_of(new)["security"].append({}),
    "another-version": lambda new: (new["info"].update(version="2"), new["paths"].pop(BILL)),
}


def changed(change):
    new = copy.deepcopy(current())
    change(new)
    return new


def test_the_released_document_is_that_of_the_code():
    assert json.loads(RELEASED.read_text()) == current(), "run `make openapi`"


def test_the_code_breaks_no_client_of_the_released_document():
    assert breaking_changes(json.loads(RELEASED.read_text()), current()) == []


@pytest.mark.parametrize("change", BREAKING.values(), ids=BREAKING.keys())
def test_what_breaks_a_client_is_found(change):
    assert breaking_changes(current(), changed(change)) != []


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_breaks_no_client_is_let_by(change):
    assert breaking_changes(current(), changed(change)) == []


def test_a_document_that_breaks_clients_is_not_written(monkeypatch, tmp_path):
    released = tmp_path / "openapi.json"
    released.write_text(json.dumps(current()))
    monkeypatch.setattr(release, "RELEASED", released)
    monkeypatch.setattr(release, "current", lambda: changed(BREAKING["a-path-is-gone"]))

    with pytest.raises(SystemExit, match=r"GET /v1/bills/{subscriber}: is gone"):
        release.release()
    assert json.loads(released.read_text()) == current()


def test_a_written_document_keeps_the_order_of_the_one_before():
    old = {"b": 1, "a": [{"d": 1, "c": 1}], "gone": 1}
    new = {"a": [{"c": 2, "d": 2}, {"f": 1, "e": 1}], "new": 1, "b": 2}

    assert json.dumps(release.in_order_of(old, new)) == json.dumps(
        {"b": 2, "a": [{"d": 2, "c": 2}, {"f": 1, "e": 1}], "new": 1}
    )


def test_a_document_that_breaks_no_client_is_written(monkeypatch, tmp_path):
    released = tmp_path / "openapi.json"
    released.write_text(json.dumps(current()))
    monkeypatch.setattr(release, "RELEASED", released)
    monkeypatch.setattr(release, "current", lambda: changed(HARMLESS["a-new-path"]))

    release.release()

    assert "new" in json.loads(released.read_text())["paths"]

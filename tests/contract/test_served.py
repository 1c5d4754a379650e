"""`/openapi.json` and `/docs`, as they are served."""

import json
import re

import jsonschema_rs
import pytest

from app.api.openapi.document import openapi_document
from tests.contract.answers import closed
from tests.factories import a_pair

PAIR = a_pair("70", "2018-01-03T14:18:05Z", "2018-01-03T14:58:05Z")


def test_the_document_is_served_to_anybody(guarded_app):
    answer = guarded_app.test_client().get("/openapi.json")

    assert answer.content_type == "application/json"
    assert answer.json == json.loads(json.dumps(openapi_document(guarded_app)))


def test_an_unchanged_file_need_not_be_sent_again(client):
    etag = client.get("/docs/start.js").headers["ETag"]

    assert client.get("/docs/start.js", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("path", ["/docs", "/docs/"])
def test_the_page_is_served_to_anybody_with_all_that_it_needs(guarded_app, path):
    client = guarded_app.test_client()
    page = client.get(path)
    needed = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)

    assert page.content_type == "text/html; charset=utf-8"
    assert len(needed) == 4
    assert len(needed) == 4
    for each in needed:
        assert client.get(each).status_code == 200


def test_the_page_may_load_nothing_from_elsewhere_and_run_no_script_in_line(client):
    page = client.get("/docs")
    policy = page.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "http" not in page.text
    assert re.findall(r"<script(?! src=)|<style|style=|onload", page.text) == []


@pytest.mark.parametrize("name", ["index.html", "..%2Fdocs.py", "../docs.py", "x%00", "a/b"])
def test_no_other_file_can_be_had(client, name):
    assert client.get(f"/docs/{name}").status_code == 404


@pytest.mark.parametrize(("totals", "schema"), [("0", "Bill"), ("1", "BillTotals")])
def test_each_line_of_a_bill_run_is_as_documented(client, contract, totals, schema):
    client.post("/v1/call-records", json=PAIR)
    run = client.get(f"/v1/bills?period=2018-01&totals={totals}")

    for line, name in zip(run.text.splitlines(), [schema, "BillRunEnd"], strict=True):
        jsonschema_rs.validate(
            closed({"$ref": f"#/components/schemas/{name}"}) | {"components": contract.components},
            json.loads(line),
        )


def test_an_answer_that_is_not_as_documented_is_noticed(client, contract):
    contract.seen.clear()
    said = contract.operations["live"]["responses"].pop("200")
    client.get("/health/live")
    found, contract.violations = contract.violations, []
    contract.operations["live"]["responses"]["200"] = said

    assert len(found) == 1
    assert "live" in found[0]


@pytest.mark.parametrize("body", [{"status": "live", "more": 1}, {}, {"status": "dead"}, []])
def test_a_body_that_is_not_as_documented_is_noticed(app, client, contract, monkeypatch, body):
    def live():
        return body

    contract.seen.clear()
    monkeypatch.setitem(app.view_functions, "health.live", live)
    client.get("/health/live")
    found, contract.violations = contract.violations, []

    assert len(found) == 1

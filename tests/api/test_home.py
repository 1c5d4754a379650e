"""`/`: somebody who opens the address in a browser sees what it is, and a program too."""

import re

import pytest

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_a_browser_gets_a_page_whose_links_lead_somewhere(client):
    answer = client.get("/", headers={"Accept": BROWSER})

    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.headers["Vary"] == "Accept"
    links = re.findall(r'href="([^"]+)"', answer.text)
    assert links == ["/docs", "/openapi.json", "/health/ready"]
    assert {client.get(link).status_code for link in links} == {200}
    assert "curl http://localhost/v1/call-records" in answer.text


def test_the_page_does_not_repeat_a_hostile_address(client):
    answer = client.get("/", headers={"Accept": BROWSER, "Host": "x<script>"})

    assert "<script>" not in answer.text


@pytest.mark.parametrize("accept", ["application/json", "*/*", None])
def test_a_program_gets_json(client, accept):
    answer = client.get("/", headers={"Accept": accept} if accept else {})

    assert answer.json["links"]["documentation"] == "/docs"

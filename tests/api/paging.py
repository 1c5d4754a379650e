"""Pairs delivered through the API, and lists read page by page."""

import json

from flask.testing import FlaskClient

from tests.factories import Json


def post(client: FlaskClient, *pairs: list[Json]) -> None:
    records = [record for pair in pairs for record in pair]
    report = json.loads(client.post("/v1/call-records", json=records).data)
    assert report["stored"] == len(records)


def pages(client: FlaskClient, path: str, name: str) -> list[Json]:
    """All items of a list, one a page."""
    found: list[Json] = []
    query = path
    while query:
        page = json.loads(client.get(f"{query}&limit=1").data)
        found += page[name]
        query = f"{path}&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    return found

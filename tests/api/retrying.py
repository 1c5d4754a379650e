"""Suspended records, retried through the API."""

from tests.factories import a_start, bytes_of

START = bytes_of(a_start())
HALVES = "SELECT count(started_at), count(ended_at), count(price_cents) FROM calls"


def retry(client, suspense_id, correction=None):
    data = bytes_of(correction) if isinstance(correction, dict) else correction
    return client.post(f"/v1/suspense/{suspense_id}/retry", data=data)


def deliver(client, *records):
    assert client.post("/v1/call-records", json=list(records)).json["stored"] == len(records)


def columns(record):
    return f"{','.join(record)}\n{','.join(record.values())}\n".encode()

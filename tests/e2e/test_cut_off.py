"""A bill run that is cut off is never taken for the whole, by HTTP/1.0 or HTTP/1.1."""

import json
import socket
from contextlib import closing

import pytest

from tests.e2e.procfile import ask, new_key, web

CALLS = """
    INSERT INTO calls (call_id, start_record_id, started_at, source, destination,
        start_received_at, end_record_id, ended_at, end_received_at, price_cents, tariff_id,
        period, priced_at)
    SELECT n::text, '', started_at, (11900000000 + n)::text, '1133334444', started_at, '',
        started_at, started_at, 36, 1, '2018-01-01', started_at
    FROM generate_series(1, 40000) AS n,
        LATERAL (SELECT timestamptz '2018-01-03 12:00+00' AS started_at)
"""
KILL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'pulso' AND state = 'idle in transaction'
"""


@pytest.fixture(scope="module")
def service(new_database):
    database = new_database()
    database.rows(CALLS)
    key = new_key(database.url, "bills:read")
    with web(database.url, WEB_CONCURRENCY="1") as (_, port):
        ask(port, "/health/ready")
        yield database, port, key


def run(service, version, *, kill):
    """Ask for a run, kill its session once it has begun, and return what comes, and the error."""
    database, port, key = service
    with closing(socket.socket()) as link:
        if kill:  # The run must not be over by then.
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.connect(("127.0.0.1", port))
        head = f"GET /v1/bills?period=2018-01 HTTP/{version}\r\nHost: x\r\nX-API-Key: {key}\r\n"
        link.sendall(f"{head}Connection: close\r\n\r\n".encode())
        received = link.recv(4096)
        if kill:
            assert database.rows(KILL)
        try:
            while part := link.recv(65_536):
                received += part
        except ConnectionResetError as failure:
            return received, failure
    return received, None


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_run_that_is_cut_off_has_no_last_line_and_its_connection_is_reset(service, version):
    received, failure = run(service, version, kill=True)

    assert b" 200 OK" in received[:20]
    assert b'"complete":true' not in received
    assert isinstance(failure, ConnectionResetError)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_run_that_is_not_cut_off_is_whole(service, version):
    received, failure = run(service, version, kill=False)

    [end] = [line for line in received.splitlines() if b'"complete":true' in line]
    assert json.loads(end)["bills"] == 40_000
    assert failure is None

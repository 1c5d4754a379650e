"""A failure below the application is answered as a problem, which the application makes."""

import json

import pytest

from app.server.refusals import refusal


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [(TimeoutError(), 408, "bad-request"), (KeyError("secret"), 500, "internal-error")],
)
def test_it_is_a_problem_with_an_id_and_closes_the_connection(app, failure, status, code):
    head, _, body = refusal(app, failure, ("127.0.0.1", 1)).partition(b"\r\n\r\n")

    problem = json.loads(body)
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Content-Type: application/problem+json" in head
    assert b"Connection: close" in head
    assert f"X-Request-ID: {problem['request_id']}".encode() in head
    assert (problem["status"], problem["code"]) == (status, code)
    assert b"secret" not in body

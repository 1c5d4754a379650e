"""Requests that are no HTTP, or hardly: answered 4xx or closed, and nothing is taken for whole."""

import base64
import json
import socket
from contextlib import closing, suppress
from http.client import HTTPResponse
from pathlib import Path

import pytest

from tests.e2e.running import running
from tests.factories import a_start, bytes_of

CASES = json.loads((Path(__file__).parent.parent / "data" / "bad_inputs.json").read_text())
FOR_THE_SERVER = [case for case in CASES if case["layer"] == "server"]
CHUNKED = b"POST /v1/call-records HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with running(tmp_path_factory.mktemp("raw")) as started:
        yield started


def exchange(service, request):
    """Send `request` and nothing more, and give what comes back."""
    port = int(service.address.rpartition(":")[2])
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as link:
        link.sendall(request)
        link.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while part := link.recv(65_536):
                answer += part
        except ConnectionResetError:
            pass
    return answer


def status_class(answer):
    if not answer:
        return "closed"
    status = answer.split(b" ")[1].decode()
    return "5xx-501" if status == "501" else f"{status[0]}xx"


def request_of(case):
    if case["method"] != "RAW":
        path = f"/v1/bills/{case['path_params']['subscriber']}?period=2018-01"
        return f"{case['method']} {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    raw = base64.b64decode(case["body"])
    return raw.replace(b"{{RECORD_PATH}}", b"/v1/call-records").replace(b"{{VALID_KEY}}", b"key")


@pytest.mark.parametrize("case", FOR_THE_SERVER, ids=lambda case: case["name"])
def test_an_odd_request_is_answered_as_it_should_be_twice(service, case):
    for _ in range(2):
        assert status_class(exchange(service, request_of(case))) in case["expected"].split("|")
    assert service.ask("/health/live") == {"status": "live"}


@pytest.mark.parametrize(
    "chunks",
    [
        b"-5\r\nabcde\r\n0\r\n\r\n",
        b"zz\r\nabcde\r\n0\r\n\r\n",
        b"0x5\r\nabcde\r\n0\r\n\r\n",
        b"+5\r\nabcde\r\n0\r\n\r\n",
        b"\r\nabcde\r\n0\r\n\r\n",
        b"5\r\nabcdeXX0\r\n\r\n",
        b"5\r\nabc",
        b"5\r\nabcde\r\n0\r\nContent-Length: 5\r\n\r\n",
    ],
)
def test_chunks_that_are_none_are_a_bad_request(service, chunks):
    assert status_class(exchange(service, CHUNKED + chunks)) in ("4xx", "closed")


def test_a_chunked_body_beyond_the_limit_is_refused_and_not_kept(service):
    before = len(service.ask("/v1/suspense")["suspended_records"])
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"

    answer = exchange(service, CHUNKED + 17 * chunk + b"0\r\n\r\n")

    assert status_class(answer) in ("4xx", "closed")
    assert len(service.ask("/v1/suspense")["suspended_records"]) == before


def test_a_body_shorter_than_its_length_is_not_taken_for_whole(service):
    record = bytes_of(a_start("torn"))
    head = "POST /v1/call-records HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"

    exchange(service, (head % (len(record) + 40)).encode() + record)

    kept = [each["reason"] for each in service.ask("/v1/suspense")["suspended_records"]]
    assert "unreadable-body" in kept
    with pytest.raises(OSError, match="404"):
        service.ask("/v1/calls/torn")


@pytest.mark.parametrize("sent", [b"", bytes_of(a_start("torn"))])
def test_a_correction_that_was_cut_off_is_none_and_is_no_retry_either(service, sent):
    [kept, *_] = service.ask("/v1/suspense")["suspended_records"]
    head = f"POST /v1/suspense/{kept['suspense_id']}/retry HTTP/1.1\r\nHost: x\r\n"

    exchange(service, f"{head}Content-Length: {len(sent) + 40}\r\n\r\n".encode() + sent)

    assert service.ask(f"/v1/suspense/{kept['suspense_id']}").items() >= kept.items()
    with pytest.raises(OSError, match="404"):
        service.ask("/v1/calls/torn")


def test_no_header_says_where_the_service_is_mounted(service):
    answer = exchange(
        service, b"GET /health/live HTTP/1.1\r\nHost: x\r\nScript-Name: /foo\r\n"
        b"SCRIPT_NAME: /foo\r\nConnection: close\r\n\r\n"
    )  # fmt: skip

    assert status_class(answer) in ("2xx", "4xx")


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("Content-Type: text/plain\r\nContent-Type: application/json", id="two-types"),
        pytest.param("Expect: something", id="an-expectation"),
        pytest.param("X_Odd: 1", id="an-underscore"),
    ],
)
def test_a_harmless_header_loses_no_record(service, header):
    record = bytes_of(a_start(header[:9]))
    head = f"POST /v1/call-records HTTP/1.1\r\nHost: x\r\n{header}\r\nConnection: close\r\n"

    answer = exchange(service, f"{head}Content-Length: {len(record)}\r\n\r\n".encode() + record)

    assert answer.startswith((b"HTTP/1.1 201", b"HTTP/1.1 200")), answer


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Host: y", 400),
        ("No colon", 400),
        ("Content-Length: 5\r\nContent-Length: 6", 400),
        ("Transfer-Encoding: gzip", 400),
        ("Transfer-Encoding: odd", 400),
        ("Content-Length: 600\r\nContent-Length: 6", 400),
        ("Content-Length: 600\r\nTransfer-Encoding: chunked", 400),
        ("Content-Length: 6\nX: 1", 400),
        ("X: " + "x" * 70_000, 431),
    ],
)
def test_a_request_that_is_not_http_is_answered_with_a_problem_at_once(service, header, status):
    request = f"POST /v1/call-records HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n{{}}".encode()

    head, problem = refused(service, request)

    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Content-Type: application/problem+json" in head
    assert f"X-Request-ID: {problem['request_id']}".encode() in head
    assert (problem["code"], problem["status"]) == ("bad-request", status)
    assert problem["detail"].endswith("Nothing was kept.")
    assert problem["request_id"] in service.printed


def test_a_head_whose_lines_end_with_lf_alone_is_refused_at_once(service):
    head, problem = refused(service, b"POST /v1/call-records HTTP/1.1\nHost: x\n\n{}")

    assert head.startswith(b"HTTP/1.1 400 ")
    assert "CR LF" in problem["detail"]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_body_without_a_length_gets_no_receipt(service, version):
    head = f"POST /v1/call-records HTTP/{version}\r\nHost: x\r\nConnection: close\r\n\r\n"

    _, problem = refused(service, head.encode() + bytes_of(a_start("unread")))

    assert problem["code"] == "bad-request"
    assert "has no body" in problem["detail"]
    assert "kept" not in problem


def test_malformed_chunks_are_named(service):
    _, problem = refused(service, CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n")

    assert problem["code"] == "bad-request"
    assert "chunks" in problem["detail"]


def refused(service, request):
    """Send `request`, keep the connection open, and give head and problem of a quick answer."""
    port = int(service.address.rpartition(":")[2])
    with closing(socket.create_connection(("127.0.0.1", port), timeout=5)) as link:
        link.sendall(request)
        answer = HTTPResponse(link)
        answer.begin()
        line = f"HTTP/1.1 {answer.status} {answer.reason}\r\n{answer.headers}"
        return line.encode(), json.load(answer)


@pytest.mark.parametrize("beyond", [1, 2, 3_000_000])
def test_a_length_beyond_the_limit_is_too_large(service, beyond):
    length = 16 * 1024 * 1024 + beyond
    head = f"POST /v1/call-records HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"

    # The service may answer and close before all of it is sent.
    with suppress(BrokenPipeError, ConnectionResetError):
        assert exchange(service, head.encode() + b"x" * length).startswith(b"HTTP/1.1 413 ")

"""Where a request ends, wherever the pieces it comes in are cut."""

import pytest

from app.server.framing import HEAD_BYTES_MAX, Framing

BODY_BYTES_MAX = 100
POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = {
    "no-body": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "no-headers": b"GET / HTTP/1.1\r\n\r\n",
    "empty-line-first": b"\r\nGET / HTTP/1.1\r\n\r\n",
    "length": POST + b"Content-Length: 5\r\n\r\nab\r\nc",
    "length-0": POST + b"content-length:0\r\n\r\n",
    "length-first": b"POST / HTTP/1.1\r\nCONTENT-LENGTH: \t5 \r\nHost: x\r\n\r\n12345",
    "length-at-the-limit": POST + b"Content-Length: 100\r\n\r\n" + b"x" * 100,
    "chunks": CHUNKED + b"5\r\nab\r\nc\r\n00A;n=v\r\n0\r\n\r\n12345\r\n0\r\n\r\n",
    "no-chunks": CHUNKED + b"0\r\n\r\n",
    "trailers": CHUNKED + b"1 ; n\r\nx\r\n0\r\nA: 1\r\nB: 2\r\n\r\n",
    "chunk-without-its-line-break": CHUNKED + b"5\r\nabcdeXX0\r\n\r\n",
}
# Nothing that follows is waited for.
ODD = {
    "two-lengths": POST + b"Content-Length: 500\r\nContent-Length: 5\r\n\r\n",
    "the-same-length-twice": POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
    "length-and-chunks": CHUNKED[:-2] + b"Content-Length: 5\r\n\r\n",
    "length-beyond-the-limit": POST + b"Content-Length: 101\r\n\r\n",
    "length-that-is-none": POST + b"Content-Length: +5\r\n\r\n",
    "chunk-size-below-0": CHUNKED + b"-5\r\n",
    "chunk-size-with-0x": CHUNKED + b"0x5\r\n",
    "chunk-size-missing": CHUNKED + b"\r\n",
}
NEXT = b"GET /next"


def rest_of(pieces):
    framing = Framing(BODY_BYTES_MAX)
    for number, piece in enumerate(pieces):
        rest = framing.feed(piece)
        if rest is not None:
            return rest + b"".join(pieces[number + 1 :])
    return None


@pytest.mark.parametrize("request_", [*WHOLE.values(), *ODD.values()], ids=[*WHOLE, *ODD])
def test_a_request_ends_where_the_next_begins(request_):
    both = request_ + NEXT

    assert rest_of([both]) == NEXT
    assert rest_of([bytes([byte]) for byte in both]) == NEXT
    for at in range(1, len(both)):
        assert rest_of([both[:at], both[at:]]) == NEXT


@pytest.mark.parametrize("request_", WHOLE.values(), ids=WHOLE)
def test_a_request_has_not_ended_before_its_last_byte(request_):
    for end in range(1, len(request_)):
        assert rest_of([request_[:end]]) is None


def test_a_head_without_end_is_not_held_for_ever():
    framing = Framing(BODY_BYTES_MAX)

    assert framing.feed(POST + b"A: " + b"x" * (HEAD_BYTES_MAX - 100)) is None
    assert framing.feed(b"x" * 100) is not None
    assert not framing.has_head


@pytest.mark.parametrize(
    "head",
    [
        POST.replace(b"\r\n", b"\n") + b"\n",
        b"POST / HTTP/1.1\nHost: x\r\n",
        POST + b"A: 1\n",
    ],
    ids=["all", "the-first", "the-last"],
)
def test_a_head_with_bare_line_feeds_has_no_end_to_wait_for(head):
    assert rest_of([head]) is not None
    assert rest_of([bytes([byte]) for byte in head]) is not None


@pytest.mark.parametrize(
    ("head", "is_asked"),
    [
        (POST + b"Content-Length: 5\r\nExpect: 100-Continue\r\n\r\n", True),
        (CHUNKED[:-2] + b"expect:100-continue\r\n\r\n", True),
        (POST + b"Content-Length: 5\r\n\r\n", False),
        (POST + b"Content-Length: 101\r\nExpect: 100-continue\r\n\r\n", False),
        (b"POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", False),
    ],
    ids=["length", "chunks", "not-asked", "too-large-to-be-wanted", "http-1.0"],
)
def test_whether_a_client_waits_to_be_asked_for_the_body(head, is_asked):
    framing = Framing(BODY_BYTES_MAX)

    framing.feed(head)

    assert framing.expects_continue is is_asked

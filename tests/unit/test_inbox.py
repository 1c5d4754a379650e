"""How a connection receives its requests."""

import socket

import pytest
from gunicorn.http.errors import LimitRequestHeaders

from app.server.framing import HEAD_BYTES_MAX
from app.server.inbox import Inbox

HEAD = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n"


def test_what_comes_with_a_request_is_kept_for_the_next(links):
    inbox = Inbox()
    links[1].sendall(HEAD % 2 + b"ab" + HEAD % 3 + b"c")

    assert inbox.receive(links[0])
    assert inbox.recv(1000) == HEAD % 2 + b"ab"
    inbox.start_next()
    assert inbox.has_begun
    assert not inbox.receive(links[0])
    links[1].sendall(b"de")
    assert inbox.receive(links[0])
    assert inbox.recv(1000) == HEAD % 3 + b"cde"
    inbox.start_next()
    assert not inbox.has_begun
    inbox.close()


def test_whether_it_asks_for_health_is_seen_without_reading_it(links):
    inbox = Inbox()
    links[1].sendall(b"GET /health/live HTTP/1.1\r\n\r\n")

    assert inbox.receive(links[0])
    assert inbox.starts_with((b"GET /health/", b"HEAD /health/"))
    assert not inbox.starts_with((b"GET /health/ready",))
    assert inbox.recv(1000) == b"GET /health/live HTTP/1.1\r\n\r\n"
    inbox.close()


def test_a_request_that_the_client_ends_is_read_to_there(links):
    inbox = Inbox()
    links[1].sendall(HEAD % 9 + b"ab")
    assert not inbox.receive(links[0])

    links[1].shutdown(socket.SHUT_WR)

    assert inbox.receive(links[0])
    assert inbox.recv(1000) == HEAD % 9 + b"ab"
    assert inbox.recv(1000) == b""
    inbox.close()


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (HEAD % 10**9 + b"ab", TimeoutError),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * HEAD_BYTES_MAX, LimitRequestHeaders),
    ],
    ids=["body", "head"],
)
def test_what_was_not_waited_for_does_not_look_like_an_end(links, sent, error):
    inbox = Inbox()
    links[1].sendall(sent)
    while not inbox.receive(links[0]):
        pass

    inbox.recv(100_000)

    with pytest.raises(error):
        inbox.recv(1000)
    inbox.close()


def test_a_request_that_cannot_be_kept_is_not_read_at_all(links, monkeypatch):
    inbox = Inbox()
    links[1].sendall(HEAD % 2 + b"ab")

    def no_space(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(inbox._request, "write", no_space)

    assert inbox.receive(links[0])
    with pytest.raises(OSError, match="space"):
        inbox.recv(1000)
    inbox.close()

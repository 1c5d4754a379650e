"""The client's address and scheme come from the configured number of proxies, and no others."""

from dataclasses import replace

import pytest
from flask import request, request_started

from app import create_app
from tests.conftest import settings_for

PROXY = "10.0.0.9"


def client_seen(hops, headers, seen_of=lambda: (request.remote_addr, request.scheme)):
    """Return the address and the scheme that the service sees for a request."""
    settings = settings_for("postgresql+psycopg2://pulso@127.0.0.1:1/pulso")
    app = create_app(replace(settings, proxy_hops=hops))
    seen = []

    def look(*_, **__):
        seen.append(seen_of())

    with request_started.connected_to(look, app):
        app.test_client().get(
            "/health/live", headers=headers, environ_overrides={"REMOTE_ADDR": PROXY}
        )
    return seen[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "1.1.1.1"},
        {"X-Forwarded-For": "1.1.1.1, 2.2.2.2", "X-Forwarded-Proto": "https, https"},
        {"Forwarded": "for=1.1.1.1;proto=https"},
        {"X-Real-IP": "1.1.1.1"},
    ],
)
def test_without_a_proxy_no_header_is_believed(headers):
    assert client_seen(0, headers) == (PROXY, "http")


@pytest.mark.parametrize(
    ("hops", "address"), [(1, "3.3.3.3"), (2, "2.2.2.2"), (3, "1.1.1.1"), (4, PROXY)]
)
def test_of_the_addresses_the_one_that_the_outermost_proxy_wrote_counts(hops, address):
    headers = {"X-Forwarded-For": "1.1.1.1, 2.2.2.2, 3.3.3.3"}

    assert client_seen(hops, headers) == (address, "http")


def test_no_header_says_by_what_name_the_service_was_asked_for():
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}

    assert client_seen(1, headers, lambda: request.url) == "http://localhost/health/live"


def test_the_scheme_is_the_one_the_proxy_says():
    assert client_seen(1, {"X-Forwarded-Proto": "http, https"})[1] == "https"
    assert client_seen(1, {"X-Forwarded-Proto": "https, http"})[1] == "http"


@pytest.mark.parametrize("sent", ['"', '"1.1.1.1', "1.1.1.1,", "1.1.1.1, ,", '1.1.1.1, "\\'])
def test_what_a_client_writes_itself_never_becomes_its_address(sent):
    """The proxy appends the true address, 3.3.3.3, to whatever the client sent."""
    assert client_seen(1, {"X-Forwarded-For": f"{sent}, 3.3.3.3"})[0] in ("3.3.3.3", PROXY)

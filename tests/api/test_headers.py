"""What every answer says to browsers and caches."""

import pytest

from tests.tariff_offers import offer_bytes


@pytest.mark.parametrize(
    "path", ["/v1/bills/99988526423?period=2018-01", "/nothing", "/health/live"]
)
def test_nothing_is_sniffed_framed_referred_to_or_kept(client, path):
    headers = client.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = "default-src 'none'; frame-ancestors 'none'"
    assert headers["Content-Security-Policy"] == policy
    assert headers["Cache-Control"] == "no-store"
    assert not [name for name in dict(headers) if name.startswith("Access-Control")]
    assert "Strict-Transport-Security" not in headers


def test_over_tls_nothing_but_tls_is_asked_for(client):
    headers = client.get("/health/live", base_url="https://pulso.example").headers

    assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_an_answer_without_a_body_has_no_type(client):
    tariff = client.post("/v1/tariffs", data=offer_bytes())
    client.put("/v1/subscribers/11987654321", json={"name": "Ana"})

    for path in (tariff.headers["Location"], "/v1/subscribers/11987654321"):
        gone = client.delete(path)
        assert (gone.status_code, gone.data) == (204, b"")
        assert "Content-Type" not in gone.headers

"""What staff ask or send is never half understood: unknown parameters and fields are refused."""

import pytest

from tests.factories import a_start
from tests.tariff_offers import band_json, tariff_offer


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/v1/bills/11987654321?mes=2018-01", "Known are: period, format, decimal."),
        ("/v1/bills/11987654321?perid=2018-01", "Did you mean period?"),
        ("/v1/bills?subscriber=11987654321", "Known are: period, format, decimal, totals."),
        ("/v1/calls?source=11987654321", "Known are: state, older_than, longer_than, period,"),
        ("/v1/calls/70?state=open", "This route takes none."),
        ("/v1/suspense?Reason=no-tariff", "Did you mean reason?"),
        ("/v1/suspense/counts?reason=no-tariff", "This route takes none."),
        ("/v1/subscribers?search=Ana", "Known are: name, limit, cursor."),
        ("/v1/tariffs?state=future", "This route takes none."),
        ("/v1/audit?key=1", "Known are: subject, limit, cursor."),
    ],
)
def test_an_unknown_parameter_is_refused_and_the_known_ones_are_named(client, path, detail):
    answer = client.get(path)

    assert (answer.status_code, answer.json["code"]) == (400, "unknown-parameter")
    assert detail in answer.json["detail"]


@pytest.mark.parametrize("path", ["/health/live?x=1", "/metrics?x=1", "/openapi.json?x=1"])
def test_monitoring_and_documents_ignore_it(client, path):
    assert client.get(path).status_code == 200


def test_the_intake_ignores_it(client):
    assert client.post("/v1/call-records?x=1", json=a_start("70")).status_code == 201


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (tariff_offer(effective_to="2101-01-01T00:00:00Z"), "/effective_to"),
        (tariff_offer(days=["monday"]), "/days"),
        (tariff_offer(bands=[band_json(increment=6)]), "/bands/0/increment"),
    ],
)
def test_a_tariff_with_an_unknown_field_is_not_published(client, body, pointer):
    answer = client.post("/v1/tariffs", json=body)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid-tariff")
    assert [each["pointer"] for each in answer.json["errors"]] == [pointer]
    assert len(client.get("/v1/tariffs").json["tariffs"]) == 1


def test_a_name_with_an_unknown_field_is_not_stored(client):
    answer = client.put("/v1/subscribers/11987654321", json={"name": "Ana", "plan": "gold"})

    assert answer.json["errors"] == [
        {"pointer": "/plan", "detail": "is not known. Known are: name"}
    ]


@pytest.mark.parametrize("rate", ["4.50", "0.0018"])
def test_an_unusual_rate_is_asked_about_once(client, database, rate):
    offer = tariff_offer(bands=[band_json(minute_rate=rate)])

    refused = client.post("/v1/tariffs", json=offer)
    confirmed = client.post("/v1/tariffs?confirm=unusual-rate", json=offer)

    assert (refused.status_code, refused.json["code"]) == (409, "unusual-rate")
    assert (
        f"would be {confirmed.json['bands'][0]['minute_rate']}, after 0.09"
        in refused.json["detail"]
    )
    assert confirmed.status_code == 201
    client.delete(confirmed.headers["Location"])


@pytest.mark.parametrize("rate", ["4.49", "0.0019", "0.00"])
def test_a_usual_rate_is_published_at_once(client, rate):
    answer = client.post("/v1/tariffs", json=tariff_offer(bands=[band_json(minute_rate=rate)]))

    assert answer.status_code == 201
    client.delete(answer.headers["Location"])

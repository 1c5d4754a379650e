"""`GET /v1/bills/{subscriber}`: the bill of a closed month."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.plausibility import Plausibility
from tests.factories import SUBSCRIBER, a_pair, a_start


def post(client, records):
    assert client.post("/v1/call-records", json=records).status_code in (200, 201)


def bill(client, period="2018-01", subscriber=SUBSCRIBER):
    return client.get(f"/v1/bills/{subscriber}?period={period}")


def test_a_bill_shows_each_call_for_people_and_for_machines(client):
    post(client, a_pair("70", "2018-01-03T14:18:05.9Z", "2018-01-03T14:58:06.2Z"))

    answer = bill(client)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "subscriber": SUBSCRIBER,
        "subscriber_name": None,
        "period": "2018-01",
        "time_zone": "UTC",
        "calls": [
            {
                "call_id": "70",
                "destination": "9933468278",
                "start_date": "2018-01-03",
                "start_time": "14:18:05",
                "duration": "0h40m00s",
                "duration_seconds": 2400,
                "price": "R$ 3,96",
                "amount": "3.96",
                "late": True,
            }
        ],
        "call_count": 1,
        "total_duration": "0h40m00s",
        "total_duration_seconds": 2400,
        "total": "R$ 3,96",
        "total_amount": "3.96",
        "currency": "BRL",
        "tariffs": [{"id": 1, "name": "first"}],
        "unpriced_calls": 0,
    }


def test_calls_stand_in_the_order_of_their_starts_and_add_up(client):
    post(client, a_pair("b", "2018-01-03T14:00:00Z", "2018-01-03T14:10:00Z"))
    post(client, a_pair("a", "2018-01-05T14:00:00Z", "2018-01-06T14:13:43Z"))
    post(client, a_pair("c", "2018-01-04T14:00:00Z", "2018-01-04T14:00:00Z"))

    shown = bill(client).json

    assert [call["call_id"] for call in shown["calls"]] == ["b", "c", "a"]
    assert [call["duration"] for call in shown["calls"]] == ["0h10m00s", "0h00m00s", "24h13m43s"]
    cents = [round(float(call["amount"]) * 100) for call in shown["calls"]]
    assert shown["total_amount"] == f"{sum(cents) / 100:.2f}"
    assert shown["total_duration_seconds"] == sum(c["duration_seconds"] for c in shown["calls"])


def test_a_large_total_is_written_as_brazilians_do(client, monkeypatch):
    pricing = client.application.extensions["pulso_pricing"]
    monkeypatch.setattr(pricing, "plausibility", Plausibility(timedelta(days=365)))
    post(client, a_pair("70", "2017-01-01T00:00:00Z", "2018-01-01T00:00:00Z"))

    shown = bill(client).json

    assert shown["total"] == "R$ 31.536,36"
    assert shown["calls"][0]["duration"] == "8760h00m00s"


# A call belongs to the month in which it ended (rule 15); its neighbours are a microsecond away.
@pytest.mark.parametrize(
    ("service_name", "first", "after"),
    [
        pytest.param("service", "2018-02-01T00:00:00", "2018-03-01T00:00:00", id="UTC"),
        pytest.param(
            "sao_paulo_service", "2018-02-01T02:00:00", "2018-03-01T03:00:00", id="Sao_Paulo"
        ),
    ],
)
def test_a_month_holds_the_calls_that_ended_in_it(request, service_name, first, after):
    client = request.getfixturevalue(service_name).app.test_client()
    last_before = (datetime.fromisoformat(first + "Z") - datetime.resolution).isoformat()
    last = (datetime.fromisoformat(after + "Z") - datetime.resolution).isoformat()
    ends = {"before": last_before, "first": first + "Z", "last": last, "after": after + "Z"}
    for call_id, ended in ends.items():
        started = (datetime.fromisoformat(ended) - timedelta(hours=1)).isoformat()
        post(client, a_pair(call_id, started, ended))

    months = {
        period: {call["call_id"] for call in bill(client, period).json["calls"]}
        for period in ("2018-01", "2018-02", "2018-03")
    }

    assert months == {"2018-01": {"before"}, "2018-02": {"first", "last"}, "2018-03": {"after"}}


def test_the_first_tariff_counts_the_hours_of_the_billing_zone(sao_paulo_service):
    client = sao_paulo_service.app.test_client()
    post(client, a_pair("70", "2018-07-03T21:57:13-03:00", "2018-07-03T22:10:56-03:00"))

    [call] = bill(client, "2018-07").json["calls"]

    assert call["price"] == "R$ 0,54"
    assert call["start_time"] == "21:57:13"


def test_a_number_without_calls_has_an_empty_bill(client):
    answer = bill(client, subscriber="1133334444")

    assert answer.status_code == 200
    assert answer.json["total"] == "R$ 0,00"
    assert answer.json["calls"] == []


def test_a_bill_counts_the_calls_that_began_in_its_month_and_have_no_price(client):
    post(client, a_start("70", "2018-01-03T14:00:00Z"))
    post(client, a_start("71", "2018-02-03T14:00:00Z"))
    post(client, a_start("72", "2018-01-03T14:00:00Z", source="11987654321"))

    assert bill(client).json["unpriced_calls"] == 1


def test_no_period_means_the_last_closed_one(client):
    now = datetime.now(UTC)
    last_closed = f"{now.year - (now.month == 1)}-{(now.month - 2) % 12 + 1:02d}"

    assert client.get(f"/v1/bills/{SUBSCRIBER}").json["period"] == last_closed


def test_a_period_may_be_written_the_other_way(client):
    assert bill(client, "02/2018").json["period"] == "2018-02"


def test_an_open_month_is_refused_and_says_when_it_closes(client):
    now = datetime.now(UTC)
    closes_at = f"{now.year + (now.month == 12)}-{now.month % 12 + 1:02d}-01T00:00:00+00:00"

    answer = bill(client, f"{now.year}-{now.month:02d}")

    assert answer.status_code == 409
    assert answer.json["code"] == "period-not-closed"
    assert answer.json["closes_at"] == closes_at


@pytest.mark.parametrize(
    "period", ["2018-13", "2018", "18-01", "10000-01", "", "2018-1", "0000-01"]
)
def test_what_is_no_month_is_refused(client, period):
    answer = bill(client, period)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid-period")


def test_a_period_given_twice_is_refused(client):
    answer = bill(client, "2018-01&period=2018-02")

    assert (answer.status_code, answer.json["code"]) == (422, "invalid-period")


@pytest.mark.parametrize("subscriber", ["987654321", "119876543210", "01987654321", "1198765432a"])
def test_what_is_no_number_is_refused(client, subscriber):
    answer = bill(client, subscriber=subscriber)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid-subscriber")


def test_an_unchanged_bill_need_not_be_sent_again(client):
    tag = bill(client).headers["ETag"]

    again = client.get(f"/v1/bills/{SUBSCRIBER}?period=2018-01", headers={"If-None-Match": tag})
    post(client, a_pair("70", "2018-01-03T14:00:00Z", "2018-01-03T14:10:00Z"))

    assert again.status_code == 304
    assert not {"Content-Type", "Content-Length"} & {*again.headers.keys()}
    assert bill(client).headers["ETag"] != tag


def test_a_bill_is_not_sent_to_who_wants_another(client):
    answer = client.get(f"/v1/bills/{SUBSCRIBER}?period=2018-01", headers={"If-Match": '"another"'})

    assert answer.status_code == 412
    assert answer.content_type == "application/problem+json"
    assert "calls" not in answer.json


def test_a_call_of_the_first_second_there_is_stands_on_a_bill_in_the_west(sao_paulo_service):
    client = sao_paulo_service.app.test_client()
    post(client, a_pair("70", "1970-01-01T00:00:01Z", "1970-01-01T02:00:00Z"))

    assert bill(client, "1969-12").json["call_count"] == 1


def test_a_form_that_cannot_be_had_is_refused(client):
    assert client.get(f"/v1/bills/{SUBSCRIBER}?format=docx").status_code == 406


def test_a_call_completed_in_its_own_month_is_not_late(client, database):
    post(client, a_pair("70", "2018-01-03T14:00:00Z", "2018-01-03T14:10:00Z"))
    with database.connect() as opened, opened.cursor() as cursor:
        cursor.execute("ALTER TABLE calls DISABLE TRIGGER calls_frozen")
        cursor.execute("UPDATE calls SET priced_at = '2018-01-31T23:59:59.999999Z'")
        in_time = bill(client).json["calls"][0]["late"]
        cursor.execute("UPDATE calls SET priced_at = '2018-02-01T00:00:00Z'")
        late = bill(client).json["calls"][0]["late"]
        cursor.execute("ALTER TABLE calls ENABLE ALWAYS TRIGGER calls_frozen")

    assert (in_time, late) == (False, True)

"""`GET /v1/price-preview`: what a call would cost, and what is refused."""

import pytest

from tests.factories import a_pair
from tests.tariffs import published


def preview(client, start, end, **query):
    return client.get("/v1/price-preview", query_string={"start": start, "end": end} | query)


def test_a_preview_shows_the_price_and_its_parts(client):
    shown = preview(client, "2018-01-03T21:57:13Z", "2018-01-03T19:10:56.5-03:00")

    assert shown.status_code == 200
    assert shown.json == {
        "started_at": "2018-01-03T21:57:13Z",
        "ended_at": "2018-01-03T22:10:56.500000Z",
        "price": "R$ 0,54",
        "amount": "0.54",
        "currency": "BRL",
        "duration": "0h13m43s",
        "duration_seconds": 823,
        "tariff": {"id": 1, "name": "first"},
        "breakdown": {
            "standing_charge": "0.36",
            "segments": [
                {
                    "band": "standard",
                    "from": "2018-01-03T21:57:13+00:00",
                    "to": "2018-01-03T22:00:00+00:00",
                    "seconds": 167,
                    "charged_minutes": 2,
                    "minute_rate": "0.09",
                    "amount": "0.18",
                },
                {
                    "band": "reduced",
                    "from": "2018-01-03T22:00:00+00:00",
                    "to": "2018-01-03T22:10:56.500000+00:00",
                    "seconds": 656.5,
                    "charged_minutes": 0,
                    "minute_rate": "0.00",
                    "amount": "0.00",
                },
            ],
            "amount": "0.54",
        },
    }


def test_nothing_is_stored(client, database):
    tables = "calls", "suspense", "audit_log", "tariffs"
    before = [database.rows(f"SELECT * FROM {table}") for table in tables]

    assert preview(client, "2018-01-03T14:00:00Z", "2018-01-03T14:10:00Z").status_code == 200
    assert [database.rows(f"SELECT * FROM {table}") for table in tables] == before


def test_without_an_offset_it_is_wall_clock_of_the_billing_zone(sao_paulo_service):
    client = sao_paulo_service.app.test_client()

    shown = preview(client, "2018-07-03T21:59:00", "2018-07-03T22:09:00").json

    assert (shown["started_at"], shown["price"]) == ("2018-07-04T00:59:00Z", "R$ 0,45")


def test_a_named_tariff_counts_though_another_one_is_in_force(client, database):
    with published(database, "next", "2100-01-01Z", 2) as tariff_id:
        shown = preview(client, "2018-01-03T14:00:00Z", "2018-01-03T14:10:00Z", tariff=tariff_id)

    assert shown.json["tariff"] == {"id": tariff_id, "name": "next"}
    assert (shown.json["amount"], shown.json["breakdown"]["standing_charge"]) == ("21.00", "1.00")


def test_a_call_of_the_future_is_under_the_tariff_that_is_to_begin_by_then(client, database):
    call = "2101-01-03T14:00:00Z", "2101-01-03T14:10:00Z"
    with published(database, "next", "2100-01-01Z", 2):
        assert preview(client, *call).json["amount"] == "21.00"
    assert preview(client, *call).json["amount"] == "1.26", "the other one was withdrawn"


def test_a_tariff_published_since_pricing_read_them_is_there_at_once(client, database):
    client.post("/v1/call-records", json=a_pair("70", *["2018-01-03T14:00:00Z"] * 2))
    assert client.application.extensions["pulso_pricing"]._book is not None
    call = "2018-01-03T14:00:00Z", "2018-01-03T14:10:00Z"

    with published(database, "next", "2100-01-01Z", 2) as tariff_id:
        assert preview(client, *call, tariff=tariff_id).json["amount"] == "21.00"
    assert preview(client, *call, tariff=tariff_id).status_code == 404


@pytest.mark.parametrize("tariff", ["2", "0", "9999999999"])
def test_a_tariff_that_is_not_there_is_not_found(client, tariff):
    answer = preview(client, "2018-01-03T14:00:00Z", "2018-01-03T14:10:00Z", tariff=tariff)

    assert (answer.status_code, answer.json["code"]) == (404, "not-found")


GOOD = "start=2018-01-03T14:00:00Z&end=2018-01-03T14:10:00Z"


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("end=2018-01-03T14:00:00Z", "start is missing"),
        ("start=2018-01-03T14:00:00Z", "end is missing"),
        (f"{GOOD}&end=2018-01-03T14:10:00Z", "end is given more than once"),
        (f"{GOOD}&tariff=1&tariff=1", "tariff is given more than once"),
        ("start=&end=2018-01-03T14:00:00Z", "start must be an ISO 8601"),
        ("start=yesterday&end=2018-01-03T14:00:00Z", "start must be an ISO 8601"),
        ("start=2018-01-03T14:00:00Z&end=2018-02-30T14:00:00Z", "end must be a date"),
        ("start=1969-12-31T23:59:59Z&end=2018-02-03T14:00:00Z", "start must be later than 1970"),
        ("start=0001-01-01T00:00:00%2B23:00&end=2018-02-03T14:00:00Z", "start must be a date"),
        ("start=2018-01-03T14:00:00%00&end=2018-01-03T14:10:00Z", "start has characters"),
        ("start=%ff%fe&end=2018-01-03T14:10:00Z", "start must be an ISO 8601"),
        (f"start={'9' * 9000}&end=2018-01-03T14:10:00Z", "start must be an ISO 8601"),
        ("start=%EF%BC%92018-01-03T14:00:00Z&end=2018-01-03T14:10:00Z", "start must be an ISO"),
        ("start=2018-01-03T14:00:00+03:00&end=2018-01-03T14:10:00Z", "the + of an offset as %2B"),
        ("start=2018-01-03T14:10:00.000001Z&end=2018-01-03T14:10:00Z", "end before it started"),
        ("start=2018-01-01T00:00:00Z&end=2018-02-01T00:00:00.000001Z", "longer than 31 days"),
        ("start=1970-01-01T00:00:01Z&end=9999-12-31T23:59:59Z", "longer than 31 days"),
        ("start=9999-12-31T23:59:59Z&end=9999-12-31T23:59:59Z", "before the year 9998"),
        ("start=9997-12-31T23:59:59Z&end=9998-01-01T00:00:00Z", "before the year 9998"),
        (f"{GOOD}&tariff=%001", "tariff has characters"),
        *(
            (f"{GOOD}&tariff={text}", "is the id of a tariff")
            for text in ("", "first", "-1", "1.0", "%EF%BC%91", "9" * 5000)
        ),
    ],
)
def test_a_parameter_that_cannot_be_used_is_refused_and_named(client, query, detail):
    answer = client.get(f"/v1/price-preview?{query}")

    assert (answer.status_code, answer.json["code"]) == (422, "invalid-parameter")
    assert detail in answer.json["detail"]


@pytest.mark.parametrize(
    ("start", "end", "amount"),
    [
        ("1970-01-01T00:00:01Z", "1970-01-01T00:00:01Z", "0.36"),
        ("2018-01-01T00:00:00Z", "2018-02-01T00:00:00Z", "2678.76"),
        ("9997-12-31T21:59:00Z", "9997-12-31T23:59:59.999999Z", "0.45"),
    ],
)
def test_the_first_the_longest_and_the_last_call_that_can_be_previewed(client, start, end, amount):
    assert preview(client, start, end).json["amount"] == amount


def test_before_the_first_tariff_a_call_has_no_price_but_under_a_named_one(client, database):
    call = "2017-12-31T23:59:59Z", "2018-01-01T00:10:00Z"
    with database.connect() as opened, opened.cursor() as cursor:
        cursor.execute("ALTER TABLE tariffs DISABLE TRIGGER tariffs_frozen")
        cursor.execute("UPDATE tariffs SET effective_from = '2018-01-01Z'")
        refused, named = preview(client, *call), preview(client, *call, tariff=1)
        cursor.execute("UPDATE tariffs SET effective_from = '1970-01-01Z'")
        cursor.execute("ALTER TABLE tariffs ENABLE ALWAYS TRIGGER tariffs_frozen")

    assert (refused.status_code, refused.json["code"]) == (422, "invalid-parameter")
    assert "No tariff was in force" in refused.json["detail"]
    assert named.json["amount"] == "0.36"


def test_previews_of_far_off_years_leave_nothing_in_the_tariffs_that_pricing_keeps(client):
    client.post("/v1/call-records", json=a_pair("70", *["2018-01-03T14:00:00Z"] * 2))
    [tariff] = client.application.extensions["pulso_pricing"]._book.tariffs
    known = set(tariff.calendar)

    for year in range(2100, 2140):
        start = f"{year}-01-03T14:00:00Z"
        assert preview(client, start, start).status_code == 200
    assert preview(client, "2018-01-03T14:00:00Z", "2018-01-03T14:00:00Z").status_code == 200

    [tariff] = client.application.extensions["pulso_pricing"]._book.tariffs
    assert set(tariff.calendar) == known

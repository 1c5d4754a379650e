"""Reading bills and showing bad keys is limited; delivering records never is."""

from dataclasses import replace

import pytest

from app import create_app
from app.domain.key import Scope
from tests.conftest import settings_for
from tests.factories import a_start
from tests.keys import BILL, a_key, status

RECORDS = "/v1/call-records"


@pytest.fixture
def app(guarded_app):
    return guarded_app


def test_failing_keys_are_throttled_by_address_and_valid_ones_are_not(client):
    key = a_key(Scope.READ_BILLS)
    failed = [client.get(BILL, headers={"X-API-Key": "a.b"}) for _ in range(25)]

    assert [each.status_code for each in failed] == [401] * 20 + [429] * 5
    assert failed[-1].headers["Retry-After"] == "60"
    assert status(client, key) == 200
    # Never on intake: a switch would drop the record.
    shown = {"X-API-Key": "a.b"}
    assert client.post(RECORDS, json=a_start(), headers=shown).status_code == 401
    other = client.get(BILL, environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert other.status_code == 401


def failing(client, address):
    return client.get(
        BILL, headers={"X-API-Key": "a.b"}, environ_base={"REMOTE_ADDR": address}
    ).status_code


def test_who_shows_no_key_is_asked_for_one_however_often(client):
    answers = [client.get(BILL) for _ in range(25)]

    assert {each.status_code for each in answers} == {401}
    assert all(each.headers["WWW-Authenticate"] for each in answers)


def test_the_addresses_of_one_network_of_ipv6_count_together(client):
    failed = [failing(client, f"2001:db8:0:1::{number:x}") for number in range(25)]

    assert failed == [401] * 20 + [429] * 5
    assert failing(client, "2001:db8:0:2::1") == 401


@pytest.mark.parametrize("form", ["::ffff:10.1.0.{}", "10.2.0.{}", "nowhere-{}"])
def test_other_addresses_count_by_themselves(client, form):
    assert {failing(client, form.format(number)) for number in range(25)} == {401}


def test_bills_are_answered_while_reads_cannot_be_counted(app, database):
    settings = replace(
        settings_for(database.url), bill_reads_a_minute=1, rate_limit_storage="redis://127.0.0.1:1"
    )
    client = create_app(settings).test_client()

    assert [client.get(BILL).status_code for _ in range(3)] == [200] * 3


def test_reading_bills_is_limited_for_each_key_and_delivering_is_not(app, database):
    settings = replace(settings_for(database.url), is_auth_required=True, bill_reads_a_minute=3)
    one, other = a_key(Scope.ADMIN), a_key(Scope.READ_BILLS)
    client = create_app(settings).test_client()

    answers = [status(client, one) for _ in range(5)]

    assert answers == [200] * 3 + [429] * 2
    assert status(client, other) == 200
    shown = {"X-API-Key": str(one)}
    delivered = [client.post(RECORDS, json=a_start(), headers=shown) for _ in range(9)]
    assert {each.status_code for each in delivered} == {200, 201}

"""An installation bills in the zone of its first migration, and says so to who sets another."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from app import create_app
from app.settings import WrongSetting
from tests.conftest import settings_for
from tests.e2e.procfile import NOWHERE, release, web
from tests.factories import a_pair, bytes_of

SAO_PAULO = "America/Sao_Paulo"
ZONES = "SELECT billing_zone, (SELECT time_zone FROM tariffs) FROM installation"
CHANGED = "SELECT act, subject, before, after FROM audit_log"


def app_on(database, zone=None):
    return create_app(replace(settings_for(database.url), billing_zone=zone and ZoneInfo(zone)))


def post_a_call(app):
    call = a_pair("70", "2018-01-03T14:18:05Z", "2018-01-03T14:20:05Z")
    return app.test_client().post("/v1/call-records", data=bytes_of(call))


def test_without_the_variable_it_bills_in_the_zone_of_the_first_migration(new_database):
    app = app_on(new_database(SAO_PAULO))

    assert app.extensions["pulso_pricing"].billing_zone == ZoneInfo(SAO_PAULO)
    assert app.extensions["pulso_reader"].billing_zone == ZoneInfo(SAO_PAULO)


def test_a_new_one_bills_in_utc_unless_told(new_database):
    assert release(new_database(revision="base").url).returncode == 0

    database = new_database(revision="base")
    assert release(database.url, BILLING_TIMEZONE="").returncode == 0
    assert database.rows(ZONES) == [("UTC", "UTC")]


def test_another_zone_than_the_first_is_refused_naming_both(new_database):
    database = new_database(SAO_PAULO)

    with pytest.raises(WrongSetting, match=f"is UTC, but this installation bills in {SAO_PAULO}"):
        app_on(database, "UTC")
    assert release(database.url, BILLING_TIMEZONE="UTC").returncode == 1
    with web(database.url, BILLING_TIMEZONE="UTC") as (process, _):
        assert process.wait(20) != 0
        assert SAO_PAULO in process.stderr.read()


@pytest.mark.parametrize(
    ("setting", "stored"), [(None, SAO_PAULO), (SAO_PAULO, SAO_PAULO), ("UTC", "UTC")]
)
def test_an_older_installation_keeps_the_zone_in_which_it_bills(new_database, setting, stored):
    database = new_database(SAO_PAULO, revision="0010")

    assert release(database.url, BILLING_TIMEZONE=setting or "").returncode == 0

    assert database.rows(ZONES) == [(stored, SAO_PAULO)]


def test_a_service_that_began_without_its_database_prices_nothing_in_another_zone(new_database):
    database = new_database(SAO_PAULO, revision="0010")
    app = app_on(database, "UTC")
    assert release(database.url, BILLING_TIMEZONE="").returncode == 0

    answer = post_a_call(app)
    ready = app.test_client().get("/health/ready")

    assert answer.status_code == 503
    assert f"bills in UTC, and its database in {SAO_PAULO}" in answer.json["detail"]
    assert database.rows("SELECT count(*) FROM calls") == [(0,)]
    assert f"bills in {SAO_PAULO}, and this service in UTC" in ready.json["detail"]


def test_a_start_that_can_learn_the_zone_nowhere_says_why():
    nowhere = settings_for(NOWHERE.replace("postgres:", "postgresql+psycopg2:"))

    assert create_app(nowhere)
    with pytest.raises(WrongSetting, match=r"cannot be read: .*Connection refused"):
        create_app(replace(nowhere, billing_zone=None))


def test_the_command_shows_the_zone_and_changes_it_with_a_line_in_the_log(new_database):
    database = new_database()
    assert post_a_call(app_on(database)).status_code == 200
    run = app_on(database).test_cli_runner().invoke

    shown = run(args=["billing-zone"])
    wrong = run(args=["billing-zone", "Brasilia"])
    changed = run(args=["billing-zone", SAO_PAULO])

    assert shown.output == "UTC\n"
    assert (wrong.exit_code, "must be an IANA time zone" in wrong.output) == (2, True)
    assert changed.output.startswith(f"This installation bills in {SAO_PAULO} from the next start")
    assert database.rows(ZONES) == [(SAO_PAULO, "UTC")]
    states = {"billing_zone": "UTC"}, {"billing_zone": SAO_PAULO}
    assert database.rows(CHANGED) == [("billing-zone-changed", "billing zone", *states)]
    assert app_on(database, SAO_PAULO)
    assert database.rows("SELECT period::text FROM calls") == [("2018-01-01",)]

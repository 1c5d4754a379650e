"""`./pulso-server suspense purge`: which days it takes."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.suspending import suspend

ZONE = ZoneInfo("America/Sao_Paulo")


@pytest.fixture
def purge(sao_paulo_service):
    """Runs the command for the day so many days from today."""

    def run(days):
        day = datetime.now(ZONE).date() + timedelta(days=days)
        arguments = ["suspense", "purge", "--resolved-before", f"{day}"]
        return sao_paulo_service.app.test_cli_runner().invoke(args=arguments)

    return run


def test_today_is_the_last_day_that_it_takes(purge):
    assert purge(0).exit_code == 0


@pytest.mark.parametrize("days", [1, 365 * 63])
def test_a_day_that_has_not_begun_deletes_nothing(purge, sao_paulo_service, days):
    database = sao_paulo_service.database
    suspense_id = suspend(database, b"{", "unreadable-body")
    write_off = ["suspense", "write-off", "--reason", "unreadable-body", "--note", "noise"]
    assert sao_paulo_service.app.test_cli_runner().invoke(args=write_off).exit_code == 0

    refused = purge(days)

    assert refused.exit_code == 2
    assert "this day has not begun yet" in refused.stderr
    assert database.rows("SELECT encode(content_hash, 'hex') FROM suspense") == [(suspense_id,)]

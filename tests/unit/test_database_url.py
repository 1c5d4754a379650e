"""What may stand in DATABASE_URL beside the address."""

import pytest

from app.settings import Settings, WrongSetting


@pytest.mark.parametrize("name", ["pgbouncer", "schema", "ssl mode"])
def test_a_parameter_that_postgresql_does_not_know_is_named(name):
    with pytest.raises(WrongSetting, match=f"parameter '{name}'"):
        Settings.from_environ({"DATABASE_URL": f"postgres://db/pulso?{name}=true"})


@pytest.mark.parametrize("end", ["\n", " ", "\r\n"])
def test_white_space_around_the_address_is_no_part_of_it(end):
    read = Settings.from_environ({"DATABASE_URL": f"postgres://localhost/pulso{end}"})

    assert read.database_url == "postgresql+psycopg2://localhost/pulso"


@pytest.mark.parametrize("known", ["options=-c%20x%3D1", "target_session_attrs=any", "host=/tmp"])
def test_a_parameter_that_postgresql_knows_is_kept(known):
    read = Settings.from_environ({"DATABASE_URL": f"postgres:///pulso?sslmode=prefer&{known}"})

    assert read.database_url is not None
    assert known in read.database_url

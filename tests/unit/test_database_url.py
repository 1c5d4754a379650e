"""What may stand in DATABASE_URL, and what of it reaches the driver."""

import pytest
from sqlalchemy import create_engine

from app.settings import Settings, WrongSetting


def driver_is_told(url, **environ):
    """The parameters that the driver gets."""
    read = Settings.from_environ({"DATABASE_URL": url, **environ}).database_url
    assert read is not None
    engine = create_engine(read)
    return engine.dialect.create_connect_args(engine.url)[1]


@pytest.mark.parametrize("name", ["pgbouncer", "schema", "ssl mode"])
def test_a_parameter_that_postgresql_does_not_know_is_named(name):
    with pytest.raises(WrongSetting, match=f"parameter '{name}'"):
        Settings.from_environ({"DATABASE_URL": f"postgres://db/pulso?{name}=true"})


@pytest.mark.parametrize("end", ["\n", " ", "\r\n"])
def test_white_space_around_the_address_is_no_part_of_it(end):
    read = Settings.from_environ({"DATABASE_URL": f"postgres://localhost/pulso{end}"})

    assert read.database_url == "postgresql+psycopg2://localhost/pulso"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("h1:5,h2:6/d", {"host": "h1,h2", "port": "5,6", "sslmode": "require"}),
        ("h1,h2:6/d", {"host": "h1,h2", "port": ",6", "sslmode": "require"}),
        ("/d?host=h1,h2&port=5", {"host": "h1,h2", "port": "5,5", "sslmode": "require"}),
        ("[::1]:5,localhost:6/d", {"host": "::1,localhost", "port": "5,6"}),
        ("[2001:db8::1]:5/d", {"host": "2001:db8::1", "port": 5, "sslmode": "require"}),
        ("%2Frun%2Fpg/d", {"host": "/run/pg"}),
        ("%2Frun%2Fpg:5433/d", {"host": "/run/pg", "port": "5433"}),
        ("/d?host=/run/pg&port=5433", {"host": "/run/pg", "port": "5433"}),
        ("/d?port=5433", {"port": "5433"}),
        ("%2Frun%2Fpg,db/d", {"host": "/run/pg,db", "port": ",", "sslmode": "require"}),
        ("localhost/d?options=-c%20x%3D1+2", {"host": "localhost", "options": "-c x=1+2"}),
        ("localhost/d?target_session_attrs=any", {"host": "localhost"}),
        ("db/d?ssl=true", {"host": "db", "sslmode": "require"}),
    ],
)
def test_the_driver_is_told_what_libpq_reads_in_the_address(url, told):
    found = driver_is_told(f"postgres://{url}")

    found.pop("target_session_attrs", None)
    assert {name: found[name] for name in found if name != "dbname"} == told


def test_a_password_with_signs_reaches_the_driver():
    told = driver_is_told("postgres://u:a%25b%40c+d%2F@localhost/d")

    assert told["password"] == "a%b@c+d/"


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("db/d?service=billing", "must name the server itself"),
        ("?service=billing&sslmode=require", "must name the server itself"),
        ("u:sec%zret@db/d", "cannot be read"),
        ("db:port/d", "has a port that is no number"),
        ("db:0/d", "has a port that is no number"),
        ("db:65536/d", "has a port that is no number"),
        ("h1:5,h2:x/d", "has a port that is no number"),
        ("/d?host=h1,h2&port=5,6,7", "has a port that is no number .* or too many"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_in_one_sentence(url, match):
    with pytest.raises(WrongSetting, match=f": DATABASE_URL {match}") as refusal:
        Settings.from_environ({"DATABASE_URL": f"postgres://{url}"})

    assert "\n" not in str(refusal.value)
    assert "sec" not in str(refusal.value)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"PGHOST": "db.example.com"}, {"host": "db.example.com", "sslmode": "require"}),
        ({"PGHOSTADDR": "10.0.0.1"}, {"hostaddr": "10.0.0.1", "sslmode": "require"}),
        ({"PGHOST": "db", "PGSSLMODE": "verify-full"}, {"host": "db", "sslmode": "verify-full"}),
        ({"PGOPTIONS": "-c x=1"}, {"options": "-c x=1"}),
    ],
)
def test_what_libpq_would_read_in_the_environment_counts_too(environ, told):
    assert driver_is_told("postgres:///d", **environ) == {"dbname": "d", **told}


def test_a_service_file_named_in_the_environment_is_refused():
    with pytest.raises(WrongSetting, match="PGSERVICE"):
        driver_is_told("postgres://db/d", PGSERVICE="billing")

"""The settings as read from an environment: defaults, spellings, and refusals that say which."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from app.settings import Settings, WrongSetting, driver_url
from tests.unit.builders import SAO_PAULO

NAMES = [
    "DATABASE_URL",
    "DATA_DIR",
    "PORT",
    "WEB_CONCURRENCY",
    "WEB_THREADS",
    "BILLING_TIMEZONE",
    "CLOCK_SKEW_MAX",
    "API_AUTH",
    "BILL_READS_A_MINUTE",
    "RATE_LIMIT_STORAGE",
    "PROXY_HOPS",
    "PSEUDONYM_KEY",
    "DEBUG",
    "FLASK_DEBUG",
]


@pytest.mark.parametrize(
    "environ", [{}, dict.fromkeys(NAMES, ""), {"HOME": "/root"}], ids=["none", "empty", "others"]
)
def test_defaults(environ):
    assert Settings.from_environ(environ) == Settings(
        database_url=None,
        data_dir=Path("var"),
        port=8000,
        web_concurrency=2,
        web_threads=4,
        billing_zone=None,
        clock_skew_max=timedelta(hours=1),
        is_auth_required=True,
        bill_reads_a_minute=600,
        rate_limit_storage="memory://",
        proxy_hops=0,
        pseudonym_key=None,
    )


def test_every_setting_is_read():
    environ = {
        "DATABASE_URL": "postgres://pulso:secret@db:5432/pulso?sslmode=require",
        "DATA_DIR": "/srv/pulso",
        "PORT": "65535",
        "WEB_CONCURRENCY": "1",
        "WEB_THREADS": "64",
        "BILLING_TIMEZONE": "America/Sao_Paulo",
        "CLOCK_SKEW_MAX": "86400",
        "API_AUTH": "required",
        "BILL_READS_A_MINUTE": "1",
        "RATE_LIMIT_STORAGE": "redis://cache:6379",
        "PROXY_HOPS": "2",
        "PSEUDONYM_KEY": "k" * 32,
    }

    assert Settings.from_environ(environ) == Settings(
        database_url="postgresql+psycopg2://pulso:secret@db:5432/pulso?sslmode=require",
        data_dir=Path("/srv/pulso"),
        port=65_535,
        web_concurrency=1,
        web_threads=64,
        billing_zone=SAO_PAULO,
        clock_skew_max=timedelta(days=1),
        is_auth_required=True,
        bill_reads_a_minute=1,
        rate_limit_storage="redis://cache:6379",
        proxy_hops=2,
        pseudonym_key="k" * 32,
    )


@pytest.mark.parametrize("scheme", ["postgres://", "postgresql://", "postgresql+psycopg2://"])
def test_every_spelling_of_a_url_names_the_driver(scheme):
    assert driver_url(f"{scheme}u:p@localhost/d", {}) == "postgresql+psycopg2://u:p@localhost/d"


@pytest.mark.parametrize(
    "url",
    [
        "//u:p@db.example.com:5432/d",
        "//u:p%3F@db.example.com",
        "//u:p@db.example.com/d?",
        "//10.0.0.1/d?connect_timeout=3",
        "//u@/d?host=localhost,db.example.com",
        "//127.0.0.1.example.com/d",
        "//localhost/d?hostaddr=10.0.0.1",
    ],
)
def test_the_way_to_another_machine_is_encrypted(url):
    encrypted = make_url(driver_url(f"postgres:{url}", {}))

    plain = make_url(f"postgresql+psycopg2:{url}")
    assert encrypted.query == {**plain.query, "sslmode": "require"}
    assert encrypted.set(query={}) == plain.set(query={})


@pytest.mark.parametrize(
    "url",
    [
        "//u:p@db.example.com/d?sslmode=verify-full&sslrootcert=/etc/ca.pem",
        "//u:p@db.example.com/d?sslmode=disable",
        "//localhost/d",
        "///d?hostaddr=127.0.0.1",
        "//127.0.0.1:5433/d",
        "//[::1]/d",
        "///d",
        "//u@/d?host=/run/postgresql",
    ],
)
def test_what_the_url_says_of_tls_stands_and_this_machine_needs_none(url):
    assert make_url(driver_url(f"postgres:{url}", {})) == make_url(f"postgresql+psycopg2:{url}")


@pytest.mark.parametrize("name", ["DEBUG", "FLASK_DEBUG"])
@pytest.mark.parametrize("text", ["1", "true", "True", "on", "*", "pulso:*"])
def test_a_service_that_would_debug_does_not_start(name, text):
    with pytest.raises(WrongSetting, match=f": {name} is set"):
        Settings.from_environ({name: text})


@pytest.mark.parametrize("name", ["DEBUG", "FLASK_DEBUG"])
@pytest.mark.parametrize("text", ["0", "false", "False", "no", "off"])
def test_one_that_would_not_debug_does(name, text):
    assert Settings.from_environ({name: text}) == Settings.from_environ({})


@pytest.mark.parametrize("secret", ["k" * 31, "\u00e7" * 32])
def test_a_key_that_is_too_short_or_no_ascii_is_refused_and_not_told(secret):
    with pytest.raises(WrongSetting, match=": PSEUDONYM_KEY must be 32") as refusal:
        Settings.from_environ({"PSEUDONYM_KEY": secret})

    assert secret not in str(refusal.value)


def test_a_secret_does_not_stand_in_what_is_printed_of_the_settings():
    assert "k" * 32 not in repr(Settings.from_environ({"PSEUDONYM_KEY": "k" * 32}))


@pytest.mark.parametrize(
    "url",
    [
        "mysql://h/d",
        "sqlite:///d",
        "postgresql+psycopg://h/d",
        "h/d",
        "postgres",
        " ",
        "://h/d",
    ],
)
def test_another_database_is_refused(url):
    with pytest.raises(WrongSetting, match=": DATABASE_URL must begin with postgres://"):
        Settings.from_environ({"DATABASE_URL": url})


@pytest.mark.parametrize("url", ["mysql://pulso:secret@db/d", "postgres://u:secret@db:port/d"])
def test_a_refusal_does_not_tell_the_password(url):
    with pytest.raises(WrongSetting) as refusal:
        driver_url(url, {})

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "at_least", "at_most"),
    [
        ("PORT", 1, 65_535),
        ("WEB_CONCURRENCY", 1, 64),
        ("WEB_THREADS", 1, 64),
        ("CLOCK_SKEW_MAX", 0, 86_400),
        ("PROXY_HOPS", 0, 9),
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("-1", id="negative"),
        pytest.param("+1", id="plus"),
        pytest.param("1.0", id="decimals"),
        pytest.param("1e1", id="exponent"),
        pytest.param("1_0", id="underscore"),
        pytest.param(" 1", id="space-before"),
        pytest.param("1 ", id="space-behind"),
        pytest.param("1\n", id="new-line-behind"),
        pytest.param("four", id="a-word"),
        pytest.param("\u0661", id="arabic-digit"),
        pytest.param("\u00b2", id="small-two"),
        pytest.param("9" * 5_000, id="5000-digits"),
    ],
)
def test_a_wrong_number_is_refused_by_name(name, at_least, at_most, text):
    for wrong in (text, str(at_least - 1), str(at_most + 1)):
        with pytest.raises(
            WrongSetting, match=f": {name} must be a whole number from {at_least} to {at_most}"
        ):
            Settings.from_environ({name: wrong})


def test_no_record_need_be_let_ahead_of_the_clock():
    assert Settings.from_environ({"CLOCK_SKEW_MAX": "0"}).clock_skew_max == timedelta(0)


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("Brasilia", id="unknown"),
        pytest.param("America", id="a-folder"),
        pytest.param("America/Sao Paulo", id="with-a-space"),
        pytest.param(" UTC", id="space-before"),
        pytest.param("-03:00", id="offset"),
        pytest.param("/etc/localtime", id="absolute-path"),
        pytest.param("../../etc/passwd", id="path-upward"),
        pytest.param("UTC\x00", id="nul"),
        pytest.param("S\u00e3o_Paulo", id="accent"),
        pytest.param("\udce3", id="bytes-that-are-no-text"),
        pytest.param("x" * 5_000, id="5000-letters"),
    ],
)
def test_a_wrong_zone_is_refused_by_name(key):
    with pytest.raises(WrongSetting, match=": BILLING_TIMEZONE must be an IANA time zone"):
        Settings.from_environ({"BILLING_TIMEZONE": key})


@pytest.mark.parametrize("url", ["nonsense", "foo://cache", "redis://cache:none"])
def test_a_storage_that_there_is_not_is_named(url):
    with pytest.raises(WrongSetting, match="RATE_LIMIT_STORAGE"):
        Settings.from_environ({"RATE_LIMIT_STORAGE": url})


def test_keys_can_be_done_without_on_the_embedded_database_alone():
    assert not Settings.from_environ({"API_AUTH": "off"}).is_auth_required
    with pytest.raises(WrongSetting, match="API_AUTH"):
        Settings.from_environ({"API_AUTH": "off", "DATABASE_URL": "postgres://db/pulso"})


@pytest.mark.parametrize("said", ["no", "OFF", "false", "0", "none"])
def test_authentication_is_never_off_by_a_slip(said):
    with pytest.raises(WrongSetting, match="API_AUTH"):
        Settings.from_environ({"API_AUTH": said})

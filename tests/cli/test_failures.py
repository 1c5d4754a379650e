"""A command that cannot be done says why in one line on standard error, and ends with 1."""

import subprocess
import sys
from dataclasses import replace

import click
import pytest

from app import create_app
from app.database.migration import schema_head
from app.limits.times import LAST_TRY_SECONDS
from tests.conftest import settings_for
from tests.e2e.procfile import NOWHERE, platform
from tests.e2e.running import HOME
from tests.routes import the_app
from tests.tariff_offers import offer_bytes

ARGUMENTS = {
    "billing-zone": [],
    "calls settle": ["70", "--other-call-id", "71", "--record", "0" * 64],
    "checks count": [],
    "checks long-calls": [],
    "checks old-calls": ["--period", "2018-01"],
    "checks twins": [],
    "checks unnamed-payers": [],
    "fingerprint": [],
    "keys create": ["--name", "x", "--scope", "ingest"],
    "keys list": [],
    "keys revoke": ["abc"],
    "privacy pseudonymise": ["--periods-before", "2018-01"],
    "reconcile": [],
    "subscribers load": ["{}"],
    "suspense accept": ["0" * 64, "--note", "ours"],
    "suspense list": [],
    "suspense purge": ["--resolved-before", "2018-01-01"],
    "suspense retry": ["--reason", "no-tariff"],
    "suspense write-off": ["--reason", "no-tariff", "--note", "noise"],
    "tariffs list": [],
    "tariffs publish": ["-"],
    "tariffs show": ["1"],
    "tariffs withdraw": ["1"],
    "what-if": ["--period", "2018-01", "--tariff", "1"],
}
FORMS = {"app": ["app"], "flask": ["flask", "--app", "app.wsgi"]}


def commands(group, *names):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *names, name)
        else:
            yield " ".join([*names, name])


def test_every_command_is_tried_here():
    assert sorted(commands(the_app().cli)) == sorted([*ARGUMENTS, "migrate", "psql"])


@pytest.mark.parametrize("command", ARGUMENTS)
def test_a_database_that_is_away_is_told_in_one_line(command, monkeypatch, caplog, tmp_path):
    monkeypatch.setattr("app.limits.times.ANSWER_SECONDS_MAX", LAST_TRY_SECONDS + 0.1)
    (tmp_path / "names").write_text("number,name\n11987654321,Ana\n")
    url = NOWHERE.replace("postgres:", "postgresql+psycopg2:")
    app = create_app(replace(settings_for(url), pseudonym_key="k" * 32))
    arguments = [each.format(tmp_path / "names") for each in ARGUMENTS[command]]

    done = app.test_cli_runner().invoke(args=[*command.split(), *arguments], input=offer_bytes())

    [line] = done.stderr.splitlines()
    assert line.startswith("Error: The database failed: connection to server at ")
    assert line.endswith("Connection refused")
    assert (done.exit_code, caplog.text) == (1, "")


def run(form, *arguments, url, **environ):
    return subprocess.run(
        [sys.executable, "-m", *FORMS[form], *arguments],
        cwd=HOME,
        env=platform(url, **environ),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("arguments", [["migrate"], []], ids=["migrate", "server"])
def test_a_migration_without_its_database_fails_in_one_line(arguments):
    done = run("app", *arguments, url=NOWHERE)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: The database failed: connection to server at ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("revision", ["base", "0003"])
def test_a_command_refuses_an_older_schema_and_does_not_migrate(form, revision, new_database):
    database = new_database(revision=revision)
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    before = database.rows(tables)

    done = run(form, "keys", "list", url=database.url)

    reason = "Error: The database has an older schema; run `./pulso-server migrate` first.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", reason)
    assert database.rows(tables) == before


@pytest.mark.parametrize("form", FORMS)
def test_migrate_brings_an_older_schema_to_the_newest(form, new_database):
    database = new_database(revision="0003")

    done = run(form, "migrate", url=database.url)

    assert (done.returncode, done.stderr) == (0, "")
    assert database.rows("SELECT version_num FROM alembic_version") == [(schema_head(),)]
    assert run(form, "keys", "list", url=database.url).returncode == 0


def test_a_command_works_on_a_newer_schema(new_database):
    database = new_database()
    database.rows("UPDATE alembic_version SET version_num = '9999'")

    done = run("app", "keys", "list", url=database.url)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("form", FORMS)
def test_a_wrong_setting_is_told_in_one_line(form):
    done = run(form, "keys", "list", url=NOWHERE, BILLING_TIMEZONE="Mars/Olympus")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Pulso does not start: BILLING_TIMEZONE ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_refusal_is_told_in_one_line(form, database):
    done = run(form, "keys", "revoke", "abc", url=database.url)

    said = "Error: There is no live key abc.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)


def test_a_mistake_of_ours_keeps_its_stack_trace(app, monkeypatch):
    monkeypatch.setattr("app.services.keys.all_keys", lambda **_: 1 / 0)

    done = app.test_cli_runner().invoke(args=["keys", "list"])

    assert isinstance(done.exception, ZeroDivisionError)

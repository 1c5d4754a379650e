"""The recipe for a Debian host: what it names is there, and its limits fit those of the service."""

import configparser
import re
import shlex
import subprocess

import pytest

from app.cli import _COMMANDS
from app.limits import sizes, times
from tests.house.tree import text

RECIPE = text("docs/operations/install-debian.md")
SCRIPTS = re.findall(r"^```sh\n(.*?)^```", RECIPE, re.MULTILINE | re.DOTALL)
UNIT = configparser.ConfigParser(interpolation=None, strict=False)
UNIT.optionxform = str
UNIT.read_string(re.findall(r"^```ini\n(.*?)^```", RECIPE, re.MULTILINE | re.DOTALL)[0])


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_script_can_be_parsed(script):
    parsed = subprocess.run(["sh", "-n"], input=script, text=True, capture_output=True, check=False)

    assert (parsed.returncode, parsed.stderr) == (0, "")


def test_the_settings_exist():
    [environment] = [script for script in SCRIPTS if script.startswith("DATABASE_URL=")]

    for name in re.findall(r"^([A-Z_]+)=", environment, re.MULTILINE):
        assert f'"{name}"' in text("app/settings.py")


def test_the_commands_exist():
    named = re.findall(r"^pulso-server ([a-z-]+)", "".join(SCRIPTS), re.MULTILINE)

    assert {"migrate", "keys", "fingerprint", "reconcile"} <= set(named)
    assert set(named) <= {command.name for command in _COMMANDS}


def test_the_unit_serves_as_the_procfile_does_but_on_loopback():
    program, *arguments = shlex.split(UNIT["Service"]["ExecStart"])
    [served] = re.findall(r"^web: gunicorn (.*)$", text("Procfile"), re.MULTILINE)

    assert program == f"{UNIT['Service']['WorkingDirectory']}/.venv/bin/gunicorn"
    assert " ".join(arguments).replace("--bind 127.0.0.1:8000 ", "") == served
    assert "--bind 127.0.0.1:8000" in UNIT["Service"]["ExecStart"]


def test_the_unit_waits_for_the_answers_in_progress():
    assert int(UNIT["Service"]["TimeoutStopSec"]) > times.STOP_SECONDS_MAX
    assert UNIT["Service"]["KillMode"] == "mixed"  # The master tells its workers.


def test_nginx_passes_on_all_that_the_service_takes_and_waits_for_its_answers():
    [megabytes] = re.findall(r"client_max_body_size (\d+)m;", RECIPE)
    [seconds] = re.findall(r"proxy_read_timeout (\d+)s;", RECIPE)

    assert int(megabytes) * 1024 * 1024 > sizes.BODY_BYTES_MAX
    assert int(seconds) > times.ANSWER_SECONDS_MAX
    assert "proxy_http_version 1.1;" in RECIPE
    assert "PROXY_HOPS=1\n" in RECIPE

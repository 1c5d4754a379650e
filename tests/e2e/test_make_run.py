"""`make run` as a user has it: it starts, stops, is killed, and finds its data again."""

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import closing, suppress

import psutil
import pytest

from tests.e2e.running import HOME, Running, kill_all, processes_of, running
from tests.factories import SUBSCRIBER, a_pair, a_start


def test_it_says_where_it_is_and_what_to_try(tmp_path):
    with running(tmp_path) as service:
        assert service.address in service.printed
        assert str(tmp_path / "data") in service.printed
        commands = [line.strip() for line in service.printed.splitlines() if "curl " in line]
        assert len(commands) == 2
        listening = [
            each.laddr.ip
            for process in processes_of(service)
            for each in process.net_connections("tcp")
            if each.status == psutil.CONN_LISTEN
        ]
        assert set(listening) == {"127.0.0.1"}

        answers = [
            json.loads(subprocess.check_output(command.replace("curl", "curl -s"), shell=True))
            for command in commands
        ]

    assert answers[0]["calls_priced"] == 1
    assert answers[1]["total"] == "R$ 0,99"


def test_a_command_works_on_the_database_of_the_running_service_and_leaves_it_running(tmp_path):
    with running(tmp_path) as service:
        service.ask("/v1/call-records", a_pair("70", *["2018-01-03T14:18:05Z"] * 2))
        environ = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data")}
        command = [HOME / ".venv/bin/python", "-m", "app", "reconcile"]

        said = subprocess.check_output(command, cwd=HOME, env=environ, text=True)

        assert said == "Every complete call has its price.\n"
        assert service.ask("/v1/calls/70")["state"] == "priced"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly_and_the_next_start_finds_the_data(tmp_path, how):
    with running(tmp_path) as service:
        service.ask("/v1/call-records", a_pair("70", *["2018-01-03T14:18:05Z"] * 2))
        # A terminal sends Ctrl-C to the whole group, a platform sends SIGTERM to one process.
        if how == signal.SIGINT:
            os.killpg(service.process.pid, how)
            service.process.wait(30)
        else:
            service.stop()
        assert processes_of(service) == []
        assert "shut down" in (tmp_path / "data/postgres/log").read_text()

    with running(tmp_path) as service:
        assert service.ask("/v1/calls/70")["state"] == "priced"


def test_killed_at_once_it_starts_again_with_all_it_acknowledged(tmp_path):
    acknowledged = []
    with running(tmp_path) as service:
        for number in range(50):
            service.ask("/v1/call-records", a_start(f"{number}"))
            acknowledged.append(f"{number}")
        assert len(kill_all(service)) > 5

    with running(tmp_path) as service:
        for call_id in acknowledged:
            assert service.ask(f"/v1/calls/{call_id}")["state"] == "awaiting-end"
        service.stop()
        assert processes_of(service) == [], "traces of the killed do not keep the database up"


def test_killed_alone_it_leaves_a_database_that_the_next_start_takes_over(tmp_path):
    with running(tmp_path) as service:
        service.ask("/v1/call-records", a_start("70"))
        for each in processes_of(service):
            with suppress(psutil.NoSuchProcess):  # A worker ends when its master is gone.
                if each.name() != "postgres":
                    each.kill()
        service.process.wait(30)

        with running(tmp_path, data_dir=tmp_path / "data") as again:
            assert again.ask("/v1/calls/70")["state"] == "awaiting-end"
            again.stop()
            assert processes_of(again) == []


@pytest.mark.parametrize("milliseconds", [300, 600, 900, 1200])
def test_killed_while_it_first_starts_it_starts_the_next_time(tmp_path, milliseconds):
    environ = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data"), "PORT": "1"}
    process = subprocess.Popen(
        [HOME / ".venv/bin/python", "-m", "app"],
        cwd=HOME,
        env=environ,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(milliseconds / 1000)
    kill_all(Running(process, 1, tmp_path / "printed"))

    with running(tmp_path) as service:
        assert service.ask("/v1/call-records", a_start("70"))["verdict"] == "stored"


def test_a_start_whose_clock_has_jumped_leaves_a_living_database_alone(tmp_path):
    with running(tmp_path) as service:
        file = tmp_path / "data/postgres/postmaster.pid"
        os.utime(file, (0, 0))
        said = subprocess.check_output(
            [HOME / ".venv/bin/python", "-m", "app", "reconcile"],
            cwd=HOME,
            env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data")},
            text=True,
        )

        assert said == "Every complete call has its price.\n"
        assert file.exists()
        assert service.ask("/v1/call-records", a_start("70"))["verdict"] == "stored"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_with_a_database_url_nothing_embedded_is_started(tmp_path, new_database, scheme):
    database = new_database(revision="base")
    url = database.url.replace("postgresql+psycopg2", scheme)

    with running(tmp_path, DATABASE_URL=url) as service:
        assert "first key" not in service.printed
        service.make_key(url)
        service.ask("/v1/call-records", a_start("70"))
        assert service.ask(f"/v1/bills/{SUBSCRIBER}?period=2018-01")["unpriced_calls"] == 1
        service.stop()

    assert not (tmp_path / "data").exists()
    assert database.rows("SELECT call_id FROM calls") == [("70",)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BILLING_TIMEZONE", "Mars/Olympus"),
        ("DATA_DIR", "/tmp/a place"),
        ("DATA_DIR", "/proc/nowhere"),
        ("DATABASE_URL", "postgres://[::1"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(name, value):
    ended = subprocess.run(
        ["make", "run"],
        cwd=HOME,
        env={"PATH": os.environ["PATH"], name: value},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode != 0
    assert f"Pulso does not start: {name} " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_language_the_machine_does_not_speak_is_no_matter(tmp_path):
    with running(tmp_path, LC_ALL="tlh_QO.UTF-8", LANG="xx_YY") as service:
        assert service.ask("/health/ready") == {"status": "ready"}


def test_a_port_that_is_taken_is_one_sentence_and_costs_no_key(tmp_path):
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        environ = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(tmp_path / "data"),
            "PORT": f"{port}",
        }
        ran = subprocess.run(
            [HOME / ".venv/bin/python", "-m", "app"],
            cwd=HOME,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.startswith(f"Pulso does not start: port {port} cannot be listened on")
    assert f"PORT={port + 1}" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    with running(tmp_path, API_AUTH="required") as service:
        assert "the first key, shown only once" in service.printed

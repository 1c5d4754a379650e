"""`make run` as a user has it: it starts, stops, is killed, and finds its data again."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.factories import SUBSCRIBER, a_pair, a_start

HOME = Path(__file__).resolve().parent.parent.parent
START_SECONDS_MAX = 60


class Running:
    """A service that was started by `make run`."""

    def __init__(self, process: subprocess.Popen, port: int, printed: Path) -> None:
        self.process = process
        self.address = f"http://127.0.0.1:{port}"
        self._printed = printed

    @property
    def printed(self) -> str:
        return self._printed.read_text()

    def ask(self, path: str, body: object = None) -> object:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(self.address + path, data, timeout=30) as answer:
            return json.load(answer)

    def wait_until_ready(self) -> None:
        for _ in range(START_SECONDS_MAX * 10):
            assert self.process.poll() is None, self.printed
            try:
                self.ask("/health/ready")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(self.printed)

    def stop(self, how: int = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(30)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(tmp_path: Path, *, data_dir: Path | None = None, **environ: str):
    """Start `make run` and wait until it can be used; kill what is left of it at the end."""
    port, printed = free_port(), tmp_path / "printed"
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environ = {
        **known,
        "PORT": str(port),
        "DATA_DIR": str(data_dir or tmp_path / "data"),
        **environ,
    }
    with printed.open("w") as output:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=HOME,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    service = Running(process, port, printed)
    try:
        service.wait_until_ready()
        yield service
    finally:
        kill_all(service)


def kill_all(service: Running) -> list[psutil.Process]:
    """Kill -9 the service's processes, gunicorn's and PostgreSQL's alike."""
    found = processes_of(service)
    for each in found:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    psutil.wait_procs(found)
    service.process.wait(30)
    return found


def processes_of(service: Running) -> list[psutil.Process]:
    data_dir = service._printed.parent / "data"
    found = []
    for each in psutil.process_iter():
        try:
            is_ours = os.getpgid(each.pid) == service.process.pid
            is_its_database = str(data_dir) in " ".join(each.cmdline())
        except (psutil.Error, ProcessLookupError):
            continue
        if is_ours or is_its_database:
            found += [each, *each.children(recursive=True)]
    return list(set(found))


def test_it_says_where_it_is_and_what_to_try(tmp_path):
    with running(tmp_path) as service:
        assert service.address in service.printed
        assert str(tmp_path / "data") in service.printed
        commands = [line.strip() for line in service.printed.splitlines() if "curl " in line]
        assert len(commands) == 2

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
            if each.name() not in ("postgres",):
                each.kill()
        service.process.wait(30)

        with running(tmp_path, data_dir=tmp_path / "data") as again:
            assert again.ask("/v1/calls/70")["state"] == "awaiting-end"
            again.stop()
            assert processes_of(again) == []


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_with_a_database_url_nothing_embedded_is_started(tmp_path, new_database, scheme):
    database = new_database(revision="base")
    url = database.url.replace("postgresql+psycopg2", scheme)

    with running(tmp_path, DATABASE_URL=url) as service:
        service.ask("/v1/call-records", a_start("70"))
        assert service.ask(f"/v1/bills/{SUBSCRIBER}?period=2018-01")["unpriced_calls"] == 1
        service.stop()

    assert not (tmp_path / "data").exists()
    assert database.rows("SELECT call_id FROM calls") == [("70",)]


def test_a_wrong_setting_is_named_in_one_line(tmp_path):
    ended = subprocess.run(
        ["make", "run"],
        cwd=HOME,
        env={"PATH": os.environ["PATH"], "BILLING_TIMEZONE": "Mars/Olympus"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode != 0
    assert "Pulso does not start: BILLING_TIMEZONE must be" in ended.stderr
    assert "Traceback" not in ended.stderr

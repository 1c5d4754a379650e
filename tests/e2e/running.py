"""A service that `make run` started, and the processes it is made of."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

HOME = Path(__file__).resolve().parent.parent.parent
START_SECONDS_MAX = 60


class Running:
    """A service that was started by `make run`."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, printed: Path) -> None:
        self.process = process
        self.address = f"http://127.0.0.1:{port}"
        self.key = ""
        self._printed = printed

    @property
    def printed(self) -> str:
        return self._printed.read_text()

    def ask(self, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"X-API-Key": self.key})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def make_key(self, database_url: str) -> None:
        """Ask with a key for everything from now on, made as an operator makes one."""
        command = ["-m", "app", "keys", "create", "--name", "test", "--scope", "admin"]
        self.key = subprocess.check_output(
            [sys.executable, *command],
            cwd=HOME,
            env={"PATH": os.environ["PATH"], "DATABASE_URL": database_url},
            text=True,
        ).strip()

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
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(tmp_path: Path, *, data_dir: Path | None = None, **environ: str) -> Iterator[Running]:
    """Start `make run` and wait until it can be used; kill what is left of it at the end."""
    port, printed = free_port(), tmp_path / "printed"
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environ = {
        **known,
        "PORT": str(port),
        "DATA_DIR": str(data_dir or tmp_path / "data"),
        # Keys are required wherever it cannot be done without.
        "API_AUTH": "" if "DATABASE_URL" in environ else "off",
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

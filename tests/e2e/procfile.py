"""The commands of the Procfile, run as a platform runs them."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.error import HTTPError

import psutil

from tests.e2e.running import HOME, free_port

COMMANDS = dict(re.findall(r"^(\w+): (.*)$", (HOME / "Procfile").read_text(), re.MULTILINE))
NOWHERE = "postgres://pulso@127.0.0.1:1/pulso"


def platform(url: str, **environ: str) -> dict[str, str]:
    path = f"{HOME / '.venv/bin'}:{os.environ['PATH']}"
    plain = url.replace("postgresql+psycopg2", "postgres")
    return {"PATH": path, "DATABASE_URL": plain, "BILLING_TIMEZONE": "UTC", **environ}


def release(url: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        COMMANDS["release"],
        shell=True,
        cwd=HOME,
        env=platform(url, **environ),
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def web(
    url: str, *, config: str = "app.server.gunicorn_config", **environ: str
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start the command `web`; give its process and its port. What is left of it is killed."""
    command = COMMANDS["web"].replace("app.server.gunicorn_config", config)
    port = free_port()
    process = subprocess.Popen(
        f"exec {command}",
        shell=True,
        cwd=HOME,
        env=platform(url, PORT=str(port), **environ),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, port
    finally:
        with suppress(psutil.NoSuchProcess):
            whole = psutil.Process(process.pid)
            for each in [*whole.children(recursive=True), whole]:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
        process.communicate()


def new_key(url: str, scope: str = "ingest") -> str:
    """Make a key, as an operator does, by default for delivering records."""
    command = [sys.executable, "-m", "app", "keys", "create", "--name", "x", "--scope", scope]
    return subprocess.check_output(command, cwd=HOME, env=platform(url), text=True).strip()


def ask(port: int, path: str, body: bytes | None = None, key: str = "") -> tuple[int, Any]:
    """Give the status and the answer; wait for the service to come up."""
    deadline = time.monotonic() + 30
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, {"X-API-Key": key})
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as got:
                return got.status, json.load(got)
        except HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            assert time.monotonic() < deadline, "it never came up"
            time.sleep(0.1)

"""Bill runs that are killed under way: a client that reads the last line notices each of them."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException

import psutil

from benchmarks.measure import Row, at_least, at_most
from benchmarks.place import Server, free_port, serving
from faults.clients import ANSWER_SECONDS_MAX, Load
from faults.nginx import nginx
from faults.postgres import Postgres
from faults.trial import Trial
from tests.factories import bytes_of

_RUNS, _RUNS_MAX = 100, 300
_CALLS, _SUBSCRIBERS, _TOGETHER = 20_000, 5_000, 5_000
_PERIOD = "2018-01"
_END = b'{"complete":true,'
_PIECE_BYTES = 64 * 1024
_TERMINATE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = %s AND application_name = 'pulso'
"""


class _Http10(HTTPConnection):
    _http_vsn, _http_vsn_str = 10, "HTTP/1.0"


def bill_runs_killed(postgres: Postgres) -> list[Row]:
    """Kill 100 bill runs at random moments, in turn by HTTP/1.0, HTTP/1.1 and nginx."""
    trial = Trial(postgres, "bill_runs_killed")
    port = free_port()
    with (
        serving(trial.url, key=trial.key, port=port) as server,
        nginx(port) as front,
    ):
        _fill(server, trial)
        ways: list[Callable[[], HTTPConnection]] = [
            lambda: _Http10("127.0.0.1", port, timeout=ANSWER_SECONDS_MAX),
            lambda: HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS_MAX),
            lambda: HTTPConnection("127.0.0.1", front, timeout=ANSWER_SECONDS_MAX),
        ]
        begin = time.monotonic()
        whole = _read(ways[0](), server)
        seconds = time.monotonic() - begin
        assert _is_whole(whole), "the bill run is not whole"
        runs = cut = taken_for_whole = 0
        while cut < _RUNS and runs < _RUNS_MAX:
            way = ways[runs % len(ways)]
            read = _read_killed(way, server, trial, seconds, by_worker=runs % 2 == 0)
            runs += 1
            cut += read != whole
            taken_for_whole += read != whole and _is_whole(read)
    return [
        at_least("cut off", cut, _RUNS),
        at_most("taken for whole", taken_for_whole, 0),
    ]


def _fill(server: Server, trial: Trial) -> None:
    deliveries = (
        tuple(_records(range(first, first + _TOGETHER))) for first in range(0, _CALLS, _TOGETHER)
    )
    with Load(server, trial.journal, deliveries, clients=2) as load:
        load.finish()
    assert {answer.status for answer in trial.journal.answers} == {200}


def _records(numbers: range) -> list[bytes]:
    records = []
    for number in numbers:
        call = {"call_id": f"{number}"}
        numbered = {
            "source": f"{11_900_000_000 + number % _SUBSCRIBERS}",
            "destination": "1133334444",
        }
        start = {"id": f"s{number}", "type": "start", "timestamp": "2018-01-03T14:00:00Z"}
        end = {"id": f"e{number}", "type": "end", "timestamp": "2018-01-03T14:03:00Z"}
        records += [bytes_of(start | call | numbered), bytes_of(end | call)]
    return records


def _read_killed(
    way: Callable[[], HTTPConnection],
    server: Server,
    trial: Trial,
    seconds: float,
    *,
    by_worker: bool,
) -> bytes:
    """Read a bill run by `way`, and kill what makes it within about `seconds`."""

    def kill() -> None:
        if by_worker:
            for worker in psutil.Process(server.process.pid).children():
                with suppress(psutil.NoSuchProcess):
                    worker.kill()
        else:
            trial.postgres.rows(_TERMINATE, (trial.name,))

    killer = threading.Timer(random.uniform(0, seconds), kill)
    killer.start()
    try:
        return _read(way(), server)
    finally:
        killer.join()
        _wait_until_ready(way, server)


def _read(link: HTTPConnection, server: Server) -> bytes:
    """Give what arrives of a bill run, however it ends."""
    received = b""
    with closing(link), suppress(OSError, HTTPException):
        path = f"/v1/bills?period={_PERIOD}"
        link.request("GET", path, headers={"X-API-Key": str(server.key)})
        answer = link.getresponse()
        while piece := answer.read1(_PIECE_BYTES):
            received += piece
    return received


def _wait_until_ready(way: Callable[[], HTTPConnection], server: Server) -> None:
    for _ in range(300):
        with suppress(OSError, HTTPException), closing(way()) as link:
            link.request("GET", "/health/ready", headers={"X-API-Key": str(server.key)})
            if link.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise TimeoutError("the service does not come back")


def _is_whole(run: bytes) -> bool:
    """Whether a client that looks at the last line takes `run` for whole."""
    return run.endswith(b"}\n") and run.splitlines()[-1].startswith(_END)

"""Processes of the service that are killed, or replaced, while clients deliver."""

import random
import time
from contextlib import ExitStack

import psutil

from benchmarks.measure import Row, at_least, at_most
from benchmarks.place import serving
from faults.postgres import Postgres
from faults.trial import Trial

_SECONDS, _SECONDS_BETWEEN = 60, 2
_REPLACEMENTS, _SECONDS_BETWEEN_REPLACEMENTS = 5, 3
_STOP_SECONDS_MAX = 25


def workers_killed(postgres: Postgres) -> list[Row]:
    """Kill -9 a worker of gunicorn, whichever it is, every two seconds for a minute."""
    kills = 0
    trial = Trial(postgres, "workers_killed")
    with trial.running() as load:
        master = psutil.Process(load.server.process.pid)
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            time.sleep(_SECONDS_BETWEEN)
            random.choice(master.children()).kill()
            kills += 1
    return [at_least("kills", kills, 20), *trial.rows]


def replaced(postgres: Postgres) -> list[Row]:
    """Start another service and stop the one before it, five times, as a platform releases.

    Clients turn to the new one with their next request; what is under way is to be answered.
    """
    seconds, statuses = [], []
    trial = Trial(postgres, "replaced")
    with ExitStack() as successors, trial.running() as load:
        for _ in range(_REPLACEMENTS):
            time.sleep(_SECONDS_BETWEEN_REPLACEMENTS)
            before = load.server
            load.server = successors.enter_context(serving(trial.url, key=trial.key))
            begin = time.monotonic()
            before.process.terminate()
            statuses.append(before.process.wait(2 * _STOP_SECONDS_MAX))
            seconds.append(time.monotonic() - begin)
    unanswered = sum(line.answer is None for line in trial.journal.lines)
    return [
        at_least("replacements", statuses.count(0), _REPLACEMENTS),
        at_most("slowest stop, s", max(seconds), _STOP_SECONDS_MAX),
        at_most("unanswered", unanswered, 0),
        *trial.rows,
    ]

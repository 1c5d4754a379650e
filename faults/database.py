"""A database that is killed, or that ends connections, while clients deliver."""

import time

from benchmarks.measure import Row, at_least, at_most
from faults.checker import Wrong
from faults.postgres import Postgres
from faults.trial import Trial

_KILLS, _SECONDS_BETWEEN, _SECONDS_AWAY = 10, 2, 1
_TERMINATIONS, _TERMINATION_SECONDS = 500, 0.05
_TERMINATE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = %s AND application_name = 'pulso' ORDER BY random() LIMIT 1
"""


def killed(postgres: Postgres) -> list[Row]:
    """Kill -9 all of PostgreSQL ten times, and start it again; the service stays as it is."""
    trial, seconds = _killed(postgres, "app.wsgi")
    return [
        at_least("kills", len(seconds), _KILLS),
        at_most("s until it serves again", max(seconds), 10),
        *trial.rows,
    ]


def killed_careless(postgres: Postgres) -> list[Row]:
    """Do the same to a service whose commits do not wait for the disk: the checker must see it."""
    trial, _ = _killed(postgres, "faults.careless")
    lost = sum(finding.wrong is Wrong.LOST for finding in trial.found)
    return [at_least("found to be lost", lost, 1)]


def _killed(postgres: Postgres, module: str) -> tuple[Trial, list[float]]:
    seconds = []
    trial = Trial(postgres, "killed")
    with trial.running(module=module):
        for _ in range(_KILLS):
            time.sleep(_SECONDS_BETWEEN)
            with postgres.killed():
                time.sleep(_SECONDS_AWAY)
            seconds.append(trial.seconds_until_stored())
    return trial, seconds


def terminated(postgres: Postgres) -> list[Row]:
    """End connections of the service in the middle of whatever they do, twenty times a second."""
    terminations = 0
    trial = Trial(postgres, "terminated")
    with (
        trial.running(),
        postgres.connect(postgres.superuser_url) as opened,
        opened.cursor() as cursor,
    ):
        while terminations < _TERMINATIONS:
            time.sleep(_TERMINATION_SECONDS)
            cursor.execute(_TERMINATE, (trial.name,))
            terminations += cursor.rowcount
    return [at_least("terminations", terminations, _TERMINATIONS), *trial.rows]

"""A release behind nginx: two instances that are started again in turn, while clients deliver."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle

from benchmarks.measure import Row, at_least, at_most
from benchmarks.place import Server, free_port, serving
from faults.clients import Delivery, Load
from faults.nginx import nginx
from faults.postgres import Postgres
from faults.trial import Trial
from tests.corpus import three_months

_INSTANCES, _SENDERS, _SINGLES, _RESTARTS = 2, 50, 20_000, 4
# nginx avoids an instance that refused a connection for its `fail_timeout` of 10 seconds.
_SECONDS_BETWEEN = 12


def behind_nginx(postgres: Postgres) -> list[Row]:
    """Start one of two instances behind nginx again every 12 seconds, under 50 senders."""
    trial = Trial(postgres, "behind_nginx")
    ports = [free_port() for _ in range(_INSTANCES)]
    restarts = 0
    with ExitStack() as opened:
        instances = [opened.enter_context(ExitStack()) for _ in ports]
        servers = [
            each.enter_context(serving(trial.url, key=trial.key, port=port))
            for each, port in zip(instances, ports, strict=True)
        ]
        front = Server(opened.enter_context(nginx(*ports)), trial.key, servers[0].process)
        with Load(front, trial.journal, _singles(), _SENDERS):
            while restarts < _RESTARTS or len(trial.journal.lines) < _SINGLES:
                time.sleep(_SECONDS_BETWEEN)
                place = restarts % _INSTANCES
                instances[place].close()
                instances[place].enter_context(serving(trial.url, key=trial.key, port=ports[place]))
                restarts += 1
            time.sleep(_SECONDS_BETWEEN)
    lines = trial.journal.lines
    failed = sum(line.answer is None or line.answer.status >= 500 for line in lines)
    trial.check()
    return [
        at_least("restarts", restarts, _RESTARTS),
        at_least("singles", len(lines), _SINGLES),
        at_most("failed", failed, 0),
        *trial.rows,
    ]


def _singles() -> Iterator[Delivery]:
    yield from ((sent.received,) for sent in cycle(three_months()))

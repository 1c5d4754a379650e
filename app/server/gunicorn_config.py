"""gunicorn's settings: `gunicorn --config python:app.server.gunicorn_config app.wsgi:app`."""

import gc
import os
import threading
import time
from contextlib import suppress
from typing import Any, cast

from flask import Flask
from sqlalchemy.pool import QueuePool

from app.database.connections import db
from app.domain.errors import Unavailable
from app.limits import times
from app.limits.deadline import Deadline
from app.services.readiness import connections_allowed
from app.services.single_intake import SingleIntake
from app.settings import Settings, WrongSetting, exit_on_wrong_setting
from app.telemetry import metrics
from app.telemetry.metrics import Metrics

settings = Settings.from_environ(os.environ)

bind = f"0.0.0.0:{settings.port}"
workers = settings.web_concurrency
threads = settings.web_threads
worker_class = "app.server.worker.PatientWorker"
logger_class = "app.server.log.ServerLog"
# Of each worker. A connection may hold a file beside its socket, and many a system allows a
# process 1,024 of both.
worker_connections = 400
keepalive = times.KEEP_ALIVE_SECONDS_MAX
timeout = times.WORKER_SECONDS_MAX
graceful_timeout = times.STOP_SECONDS_MAX
control_socket_disable = True
# No header of a request says where the application is mounted, nor, to gunicorn, how the client
# came: whom to believe in that is the setting PROXY_HOPS alone.
forwarder_headers = ""
forwarded_allow_ips = ""

# Of a worker: one for each thread, and the one that is kept for single records.
_WORKER_CONNECTIONS = threads + 1
# Beside those of the service: for a command or a migration, and for a person who looks.
_OTHER_CONNECTIONS = 2


def on_starting(server: Any) -> None:
    """Make the application once in the master, so that an error ends the start and no worker."""
    metrics.share_between_workers()
    try:
        with exit_on_wrong_setting(), server.app.load().app_context():
            _refuse_too_many_connections()
    except BaseException:
        metrics.stop_sharing()
        raise


def _refuse_too_many_connections() -> None:
    try:
        allowed = connections_allowed(deadline=Deadline.start())
    except Unavailable:
        return  # The service comes up without its database, and works as soon as that does.
    finally:
        db.engine.dispose()  # A connection must not be shared by processes.
    needed = workers * _WORKER_CONNECTIONS + _OTHER_CONNECTIONS
    if needed > allowed:
        raise WrongSetting(
            f"WEB_CONCURRENCY x (WEB_THREADS + 1) + {_OTHER_CONNECTIONS} is {needed},"
            f" and the database allows {allowed} connections"
        )


def pre_fork(server: Any, worker: Any) -> None:
    """Choose a core for `worker`, where there is one for each (docs/decisions/0011)."""
    with suppress(AttributeError, OSError):  # Not every system tells.
        cores = os.sched_getaffinity(0)
        if len(cores) == server.num_workers:
            taken = [each.core for each in server.WORKERS.values()]
            worker.core = min(cores, key=taken.count)


def post_fork(_: Any, worker: Any) -> None:
    """Keep the worker, with all its threads to come, to its core."""
    if worker.core is not None:
        with suppress(OSError):
            os.sched_setaffinity(0, {worker.core})


def child_exit(_: Any, worker: Any) -> None:
    """Count no more what a worker that has ended was using."""
    metrics.forget_worker(worker.pid)


def on_exit(_: Any) -> None:
    """Leave nothing of the metrics behind."""
    metrics.stop_sharing()


def post_worker_init(worker: Any) -> None:
    """Make the worker ready, now that it has its application."""
    spare_garbage_collector()
    _sample_connections(worker.app.wsgi())


def spare_garbage_collector() -> None:
    """Keep the garbage collector from walking over each batch, and over what stays for good."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def connections_in_use(app: Flask) -> int:
    """Give how many connections the threads of `app` are using at this moment."""
    intake: SingleIntake = app.extensions["pulso_single_intake"]
    with app.app_context():
        return cast(QueuePool, db.engine.pool).checkedout() + intake.is_led


def _sample_connections(app: Flask) -> None:
    """Tell the metrics of `app` each second, from now on, how many connections are in use.

    To count at each taking and giving back would cost a single record three times as much as the
    rest of what is counted.
    """
    counted: Metrics = app.extensions["pulso_metrics"]

    def sample() -> None:
        while True:
            counted.connections_in_use.set(connections_in_use(app))
            time.sleep(times.SAMPLE_SECONDS)

    threading.Thread(target=sample, name="connections-sample", daemon=True).start()

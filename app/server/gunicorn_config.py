"""gunicorn's settings: `gunicorn --config python:app.server.gunicorn_config app.wsgi:app`."""

import gc
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from flask import Flask
from sqlalchemy.pool import QueuePool

from app import __version__
from app.database.connections import db
from app.domain.errors import Unavailable
from app.limits import times
from app.limits.deadline import Deadline
from app.services.keys import KeyRing
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
# Per worker. A connection may hold a temporary file besides its socket, and many systems allow a
# process 1,024 open files.
worker_connections = 400
keepalive = times.KEEP_ALIVE_SECONDS_MAX
timeout = times.WORKER_SECONDS_MAX
graceful_timeout = times.STOP_SECONDS_MAX
control_socket_disable = True
# gunicorn trusts no header about proxies or the application's mount point; PROXY_HOPS decides.
forwarder_headers = ""
forwarded_allow_ips = ""

# Per worker: one for each thread, and the one kept for single records.
_WORKER_CONNECTIONS = threads + 1
# Besides those of the service: one for a command or a migration, and one for `psql`.
_OTHER_CONNECTIONS = 2


def on_starting(server: Any) -> None:
    """Make the application once in the master, so that an error ends the start and no worker."""
    server.log.info("Pulso %s starts", __version__)
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
        return  # The service starts without its database, and works once the database does.
    finally:
        db.engine.dispose()  # Processes must not share a connection.
    needed = workers * _WORKER_CONNECTIONS + _OTHER_CONNECTIONS
    if needed > allowed:
        raise WrongSetting(
            f"WEB_CONCURRENCY x (WEB_THREADS + 1) + {_OTHER_CONNECTIONS} is {needed},"
            f" and the database allows {allowed} connections"
        )


def child_exit(_: Any, worker: Any) -> None:
    """Remove the gauges of a worker that has ended from the metrics."""
    metrics.forget_worker(worker.pid)


def on_exit(_: Any) -> None:
    """Delete the files of the metrics."""
    metrics.stop_sharing()


def post_worker_init(worker: Any) -> None:
    """Prepare the worker, which has loaded its application."""
    spare_garbage_collector()
    app = worker.app.wsgi()
    _repeat("connections-sample", times.SAMPLE_SECONDS, partial(_sample_connections, app))
    _repeat("used-keys", times.NOTE_USED_SECONDS, partial(_note_used_keys, app))


def worker_exit(_: Any, worker: Any) -> None:
    """Note the last uses of keys."""
    _note_used_keys(worker.app.wsgi())


def spare_garbage_collector() -> None:
    """Keep the garbage collector from scanning each batch, and the objects that stay for good."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def connections_in_use(app: Flask) -> int:
    """Return how many database connections the threads of `app` are using."""
    intake: SingleIntake = app.extensions["pulso_single_intake"]
    with app.app_context():
        return cast(QueuePool, db.engine.pool).checkedout() + intake.is_led


def _sample_connections(app: Flask) -> None:
    # Counting whenever a connection is taken or returned would cost a single record three times as
    # much as all its other metrics.
    counted: Metrics = app.extensions["pulso_metrics"]
    counted.connections_in_use.set(connections_in_use(app))


def _note_used_keys(app: Flask) -> None:
    ring: KeyRing = app.extensions["pulso_keys"]
    with app.app_context():
        ring.note_used(datetime.now(UTC), deadline=Deadline.after(times.READ_KEYS_SECONDS_MAX))


def _repeat(name: str, seconds: float, work: Callable[[], None]) -> None:
    """Start a thread that does `work` every some `seconds`."""

    def run() -> None:
        while True:
            work()
            time.sleep(seconds)

    threading.Thread(target=run, name=name, daemon=True).start()

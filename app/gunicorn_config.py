"""gunicorn's settings: `gunicorn --config python:app.gunicorn_config app.wsgi:app`."""

import gc
import os
from typing import Any

from app.settings import Settings

settings = Settings.from_environ(os.environ)

bind = f"0.0.0.0:{settings.port}"
workers = settings.web_concurrency
threads = settings.web_threads
worker_class = "app.patient_worker.PatientWorker"
# Of each worker. A connection may hold a file beside its socket, and many a system allows a
# process 1,024 of both.
worker_connections = 400
keepalive = 75
timeout = 30
graceful_timeout = 25
control_socket_disable = True
# No header of a request says where the application is mounted.
forwarder_headers = ""


def on_starting(server: Any) -> None:
    """Make the application once here: a wrong setting ends the start, not worker after worker."""
    server.app.load()


def post_worker_init(_: Any) -> None:
    """Keep the garbage collector from walking over each batch, and over what stays for good."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)

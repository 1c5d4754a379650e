"""gunicorn's settings: `gunicorn --config python:app.gunicorn_config app.wsgi:app`."""

import os
from typing import Any

from app.settings import Settings

settings = Settings.from_environ(os.environ)

bind = f"0.0.0.0:{settings.port}"
workers = settings.web_concurrency
threads = settings.web_threads
worker_class = "gthread"
keepalive = 75
timeout = 30
graceful_timeout = 25
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Make the application once here: a wrong setting ends the start, not worker after worker."""
    server.app.load()

"""gunicorn's settings, and a worker whose long answers are long after two seconds."""

from app.limits import times
from app.server.gunicorn_config import *  # noqa: F403

times.HOLD_THREAD_SECONDS_MAX = 2

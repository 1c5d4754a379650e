"""gunicorn's settings, and a worker whose long answers are long after two seconds."""

from app.server import worker
from app.server.gunicorn_config import *  # noqa: F403

worker.ANSWER_SECONDS_MAX = 2

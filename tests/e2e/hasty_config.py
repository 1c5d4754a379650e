"""gunicorn's settings, and a worker whose long answers are long after two seconds."""

from app import patient_worker
from app.gunicorn_config import *  # noqa: F403

patient_worker.ANSWER_SECONDS_MAX = 2

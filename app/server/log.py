"""gunicorn's own log, written as the service writes its log."""

from typing import Any

from gunicorn.glogging import Logger

from app.telemetry.log import configure_logging


class ServerLog(Logger):
    """What gunicorn logs of itself, in the same form and place as all else."""

    def setup(self, cfg: Any) -> None:
        """Take the place of gunicorn's own handlers."""
        super().setup(cfg)
        configure_logging()
        self.error_log.handlers.clear()
        self.error_log.propagate = True

"""gunicorn's own log, in the form of the service's log."""

from typing import Any

from gunicorn.glogging import Logger

from app.telemetry.log import configure_logging


class ServerLog(Logger):
    """Passes what gunicorn logs to the handlers of the service."""

    def setup(self, cfg: Any) -> None:
        """Remove gunicorn's own handlers."""
        super().setup(cfg)
        configure_logging()
        self.error_log.handlers.clear()
        self.error_log.propagate = True

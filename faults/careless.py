"""The service without its protection: commits do not wait for the disk. The checker must see it."""

from app.database import connections

connections.SESSION["synchronous_commit"] = "off"

from app.wsgi import app  # noqa: E402, it connects as it is imported

__all__ = ["app"]

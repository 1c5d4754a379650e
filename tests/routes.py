"""The routes and commands of the service, on an application without a database."""

from flask import Flask

from app.api import register_api
from app.api.requests import CallIdConverter
from app.cli import register_commands


def the_app() -> Flask:
    app = Flask("app", static_folder=None)
    app.url_map.converters["call_id"] = CallIdConverter
    register_api(app, is_auth_required=True, bill_reads_a_minute=1, rate_limit_storage="memory://")
    register_commands(app, "0")
    return app

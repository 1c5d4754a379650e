"""Pulso, a telephone billing service. `create_app` puts its parts together."""

import os
from functools import partial
from zoneinfo import ZoneInfo

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.api import register_api
from app.api.json_provider import MsgspecProvider
from app.api.readers import read_kept
from app.api.requests import CallIdConverter
from app.cli import register_commands
from app.database.connections import connect_app
from app.database.migration import schema_head
from app.database.retry import FAILURES, reason_of
from app.limits.sizes import BODY_BYTES_MAX
from app.schemas.call_records import CallRecordReader
from app.services import installation
from app.services.pricing import Pricing
from app.services.single_intake import SingleIntake
from app.settings import Settings, WrongSetting
from app.telemetry.log import configure_logging
from app.telemetry.metrics import Metrics

__version__ = "0.1.0"


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application for `settings`, by default those in the environment variables.

    Raises WrongSetting for settings with which it cannot start.
    """
    settings = settings or Settings.from_environ(os.environ)
    if settings.database_url is None:
        raise WrongSetting("DATABASE_URL is not set; `make run` serves without one")
    configure_logging()
    _check_logo(settings)
    app = Flask("app", static_folder=None)
    # One byte more than the limit: a body of unknown length is cut there, and seen to be too large.
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX + 1
    app.json = MsgspecProvider(app)
    # Switches do not follow redirects, so both slash forms answer; a call_id may contain slashes.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.converters["call_id"] = CallIdConverter
    hops = settings.proxy_hops
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    connect_app(app, settings.database_url, threads=settings.web_threads, metrics=Metrics())
    billing_zone = _billing_zone(app, settings.billing_zone)
    app.extensions["pulso_pricing"] = pricing = Pricing(
        billing_zone, settings.clock_skew_max, settings.plausibility
    )
    app.extensions["pulso_single_intake"] = SingleIntake(pricing)
    app.extensions["pulso_reader"] = reader = CallRecordReader(billing_zone)
    app.extensions["pulso_read_kept"] = partial(read_kept, reader=reader)
    app.extensions["pulso_settings"] = settings
    app.extensions["pulso_version"] = __version__
    app.extensions["pulso_schema_head"] = schema_head()
    register_api(
        app,
        is_auth_required=settings.is_auth_required,
        bill_reads_a_minute=settings.bill_reads_a_minute,
        rate_limit_storage=settings.rate_limit_storage,
    )
    register_commands(app, __version__)
    return app


def _check_logo(settings: Settings) -> None:
    logo = settings.letterhead.logo
    if logo is None:
        return
    from app.rendering.logo import check_logo  # noqa: PLC0415, Pillow takes 10 MB

    try:
        check_logo(logo)
    except ValueError as error:
        raise WrongSetting(f"LETTERHEAD_LOGO {error}") from None


def _billing_zone(app: Flask, setting: ZoneInfo | None) -> ZoneInfo:
    """Return the zone in which the installation bills (rule 20).

    Raises WrongSetting if `setting` is another one, and if nothing says the zone. A service whose
    database is away begins in that of `setting`; pricing compares them later.
    """
    try:
        with app.app_context():
            stored = installation.billing_zone()
    except FAILURES as failure:
        if setting is None:
            raise WrongSetting(
                f"the database, which knows the billing zone, cannot be read: {reason_of(failure)}."
                " With BILLING_TIMEZONE set, the service starts without its database"
            ) from None
        return setting
    if stored and setting and stored != setting:
        raise WrongSetting(
            f"BILLING_TIMEZONE is {setting}, but this installation bills in {stored}; to change"
            f" that, run `env -u BILLING_TIMEZONE ./pulso-server billing-zone {setting}`"
        )
    return stored or setting or ZoneInfo("UTC")

"""With which settings no application and no server starts."""

import importlib
import sys
from dataclasses import replace

import pytest

from app import create_app
from app.settings import WrongSetting
from tests.conftest import settings_for


def test_without_a_database_there_is_none():
    settings = replace(settings_for("postgresql+psycopg2://pulso@/pulso"), database_url=None)

    with pytest.raises(WrongSetting, match="DATABASE_URL is not set"):
        create_app(settings)


def test_importing_the_settings_of_gunicorn_raises_an_error_that_can_be_caught(monkeypatch):
    monkeypatch.setenv("PORT", "http")
    monkeypatch.delitem(sys.modules, "app.server.gunicorn_config", raising=False)

    with pytest.raises(WrongSetting, match=": PORT must be a whole number"):
        importlib.import_module("app.server.gunicorn_config")

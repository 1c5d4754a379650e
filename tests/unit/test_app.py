"""What an application is not made for."""

from dataclasses import replace

import pytest

from app import create_app
from app.settings import WrongSetting
from tests.conftest import settings_for


def test_without_a_database_there_is_none():
    settings = replace(settings_for("postgresql+psycopg2://pulso@/pulso"), database_url=None)

    with pytest.raises(WrongSetting, match="DATABASE_URL is not set"):
        create_app(settings)

"""The application for a WSGI server, made when this module is imported."""

from app import create_app
from app.settings import exit_on_wrong_setting

with exit_on_wrong_setting():
    app = create_app()

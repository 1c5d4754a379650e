"""The application for a WSGI server, made when this module is imported."""

from app import create_app

app = create_app()

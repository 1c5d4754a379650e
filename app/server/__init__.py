"""The HTTP server under Flask: gunicorn's settings, its worker, and how requests are received."""

# The service without a database: docs/operations/install.md, "In a container".
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /srv/pulso

# Before the code, which changes more often, so that this layer is cached.
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

COPY migrations migrations
COPY app app
COPY pulso-server .

RUN useradd --system --no-create-home pulso
USER pulso

EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT') or 8000}/health/live\", timeout=4)"]
CMD ["gunicorn", "--config", "python:app.server.gunicorn_config", "app.wsgi:app"]

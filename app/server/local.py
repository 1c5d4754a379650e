"""gunicorn in this process, on loopback, as `./pulso-server` runs it; one signal stops all."""

import socket
from collections.abc import Callable
from contextlib import closing
from zoneinfo import ZoneInfo

import click
from flask import Flask
from gunicorn.app.base import Application

from app.domain.key import Credential
from app.settings import Settings, WrongSetting

_LOOPBACK = "127.0.0.1"
_CREATE_KEY = "./pulso-server keys create --name me --scope admin"
_START = (
    '{"id": "1", "type": "start", "timestamp": "2017-12-11T15:07:13Z", "call_id": "71",'
    ' "source": "99988526423", "destination": "9933468278"}'
)
_END = '{"id": "2", "type": "end", "timestamp": "2017-12-11T15:14:56Z", "call_id": "71"}'


class LocalServer(Application):
    """gunicorn with the service's own settings, except that it listens on loopback only."""

    def __init__(
        self, port: int, make_app: Callable[[], Flask], make_greeting: Callable[[], str]
    ) -> None:
        """Print what `make_greeting` returns, which is called once the service listens."""
        self._port = port
        self._make_app = make_app
        self._make_greeting = make_greeting
        super().__init__()

    def load_config(self) -> None:
        """Read the settings from `app.server.gunicorn_config`; then change the address."""
        self.load_config_from_module_name_or_filename("python:app.server.gunicorn_config")
        self.cfg.set("bind", f"{_LOOPBACK}:{self._port}")
        self.cfg.set("when_ready", lambda _: click.echo(self._make_greeting(), err=True))

    def load(self) -> Flask:
        """Return the application; each worker makes its own."""
        return self._make_app()


def check_port(port: int) -> None:
    """Raise WrongSetting if the service cannot listen on `port` of loopback."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # As the server does.
        try:
            probe.bind((_LOOPBACK, port))
        except OSError as error:
            raise WrongSetting(
                f"port {port} cannot be listened on ({error.strerror});"
                f" choose another, such as PORT={port + 1 if port < 65_535 else 8000}"
            ) from None


def greeting(settings: Settings, zone: ZoneInfo, first_key: Credential | None) -> str:
    """Return what to print once the service listens: its address and two commands to try.

    `first_key` is printed if there is one; it is not shown again. `zone` is the one in which the
    service bills.
    """
    address = f"http://{_LOOPBACK}:{settings.port}"
    header, key_line = "", ""
    if settings.is_auth_required:
        header = ' -H "X-API-Key: $PULSO_KEY"'
        key_line = f"  export PULSO_KEY=$({_CREATE_KEY})\n\n"
    if first_key is not None:
        key_line = f"  export PULSO_KEY={first_key}  # the first key, shown only once\n\n"
    data = settings.data_dir.resolve() if settings.database_url is None else "DATABASE_URL"
    return (
        f"\nPulso listens on {address}; its data is in {data}. Ctrl-C stops it.\n"
        f"{_about_zone(settings, zone, is_new=first_key is not None)} Try:\n\n"
        f"{key_line}"
        f"  curl {address}/v1/call-records{header} -d '[{_START}, {_END}]'\n\n"
        f"  curl '{address}/v1/bills/99988526423?period=2017-12'{header}\n"
    )


def _about_zone(settings: Settings, zone: ZoneInfo, *, is_new: bool) -> str:
    bills = f"It bills in {zone}, the zone of its first start."
    if settings.billing_zone is not None or not is_new:
        return bills
    return (
        f"{bills} For another zone, stop it, delete {settings.data_dir}, and run"
        " `BILLING_TIMEZONE=America/Sao_Paulo make run`."
    )

"""The settings, read once from environment variables; a wrong value names its variable."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import psycopg2
from limits.errors import ConfigurationError
from limits.storage import storage_from_string
from psycopg2.extensions import parse_dsn
from sqlalchemy.engine import URL

from app.domain.letterhead import NO_LETTERHEAD, Letterhead, read_logo
from app.domain.money import Cents
from app.domain.plausibility import USUAL, Plausibility
from app.domain.subscriber import read_name
from app.domain.zones import iana_zone

Read = TypeVar("Read")
_DRIVER = "postgresql+psycopg2"
_OF_LIBPQ = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "service": "PGSERVICE",
    "sslmode": "PGSSLMODE",
    "options": "PGOPTIONS",
}
_THIS_MACHINE = ("", "localhost", "127.0.0.1", "::1")
_SECRET_LENGTH_MIN = 32


class WrongSetting(Exception):
    """An environment variable has a value with which the service cannot start."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"Pulso does not start: {detail}")


@contextmanager
def exit_on_wrong_setting() -> Iterator[None]:
    """End the process with the message and status 1 on WrongSetting; for entry points."""
    try:
        yield
    except WrongSetting as error:
        raise SystemExit(str(error)) from None


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of an installation; docs/operations/configure.md explains each."""

    database_url: str | None  # None: the embedded PostgreSQL under `data_dir`.
    data_dir: Path
    port: int
    web_concurrency: int
    web_threads: int
    billing_zone: ZoneInfo | None  # None: the stored zone, or UTC in a new database.
    clock_skew_max: timedelta
    is_auth_required: bool
    bill_reads_a_minute: int
    rate_limit_storage: str
    proxy_hops: int = 0
    plausibility: Plausibility = USUAL
    letterhead: Letterhead = NO_LETTERHEAD
    pseudonym_key: str | None = field(default=None, repr=False)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from `environ`. Raises WrongSetting, which names the variable."""
        _refuse_debugging(environ)
        return cls(
            # Files of secrets end with a line break, which would become a part of the name.
            database_url=driver_url(environ["DATABASE_URL"].strip(), environ)
            if environ.get("DATABASE_URL")
            else None,
            data_dir=Path(environ.get("DATA_DIR") or "var"),
            port=_whole_number(environ, "PORT", default=8000, at_most=65_535),
            web_concurrency=_whole_number(environ, "WEB_CONCURRENCY", default=2, at_most=64),
            web_threads=_whole_number(environ, "WEB_THREADS", default=4, at_most=64),
            billing_zone=_read(environ, "BILLING_TIMEZONE", iana_zone),
            clock_skew_max=timedelta(
                seconds=_whole_number(
                    environ, "CLOCK_SKEW_MAX", default=3600, at_least=0, at_most=86_400
                )
            ),
            is_auth_required=_is_auth_required(environ),
            bill_reads_a_minute=_whole_number(
                environ, "BILL_READS_A_MINUTE", default=600, at_most=1_000_000
            ),
            rate_limit_storage=_storage(environ, "RATE_LIMIT_STORAGE", default="memory://"),
            proxy_hops=_whole_number(environ, "PROXY_HOPS", default=0, at_least=0, at_most=9),
            plausibility=_plausibility(environ),
            letterhead=_letterhead(environ),
            pseudonym_key=_secret(environ, "PSEUDONYM_KEY"),
        )


def driver_url(url: str, environ: Mapping[str, str]) -> str:
    """Return `url` as SQLAlchemy reads it, with the name of the service's driver, psycopg2.

    libpq reads `url`, so it means the same here as for PostgreSQL's own tools. What libpq would
    take from `environ` becomes a part of it, so that the service and its migrations use the same.
    A URL of another machine without an `sslmode` requires TLS. Raises WrongSetting if `url` is not
    the address of a PostgreSQL database.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in ("postgres", "postgresql", "postgresql+psycopg2"):
        raise WrongSetting("DATABASE_URL must begin with postgres:// or postgresql://")
    address = {
        name: environ[variable] for name, variable in _OF_LIBPQ.items() if environ.get(variable)
    } | _read_address(rest)
    if "service" in address:
        raise WrongSetting(
            "DATABASE_URL must name the server itself; a service file (service=, PGSERVICE)"
            " could leave out TLS unseen"
        )
    if not _is_on_this_machine(address):
        address.setdefault("sslmode", "require")
    return _rendered(address)


def _read_address(rest: str) -> dict[str, str]:
    """Return the parameters of a URL, given without its scheme, as libpq reads them."""
    try:
        return parse_dsn(f"postgresql://{rest}")
    except psycopg2.ProgrammingError:
        for name, _ in parse_qsl(rest.partition("?")[2]):
            _check_parameter(name)
        raise WrongSetting(
            "DATABASE_URL cannot be read as the address of a database; in names and passwords,"
            " characters such as % @ / ? # must be written as %25 %40 %2F %3F %23"
        ) from None


def _check_parameter(name: str) -> None:
    """Raise WrongSetting for a parameter that libpq does not know: those of other clients."""
    try:
        parse_dsn(f"{name}=x")
    except psycopg2.ProgrammingError:
        raise WrongSetting(
            f"DATABASE_URL has the parameter {name!a}, which PostgreSQL does not know"
        ) from None


def _is_on_this_machine(address: Mapping[str, str]) -> bool:
    # An empty name, a path or an abstract name (@) means a Unix socket.
    hosts = [*address.get("host", "").split(","), *address.get("hostaddr", "").split(",")]
    return all(host in _THIS_MACHINE or host.startswith(("/", "@")) for host in hosts)


def _rendered(address: Mapping[str, str]) -> str:
    """Return the URL of `address`. Raises WrongSetting for ports that libpq would refuse."""
    query = dict(address)
    hosts = query.get("host", "").split(",")
    ports = query.get("port", "").split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    if len(ports) != len(hosts) or not all(map(_is_port, ports)):
        raise WrongSetting("DATABASE_URL has a port that is no number from 1 to 65535, or too many")
    user, password, database = (query.pop(name, None) for name in ("user", "password", "dbname"))
    host = port = None
    if len(hosts) == 1 and not hosts[0].startswith(("/", "@")):
        # An address without a host may have a port: that of the socket.
        host = query.pop("host", None)
        port = int(query.pop("port", "")) if host and ports[0] else None
    elif any(ports):
        query["port"] = ",".join(ports)
    return URL.create(_DRIVER, user, password, host, port, database, query).render_as_string(
        hide_password=False
    )


def _is_port(text: str) -> bool:
    is_number = text.isascii() and text.isdigit() and len(text) <= 5
    return not text or (is_number and 1 <= int(text) <= 65_535)


def _refuse_debugging(environ: Mapping[str, str]) -> None:
    """Raise WrongSetting if a variable turns on Flask's debug mode, which shows internals."""
    for name in ("DEBUG", "FLASK_DEBUG"):
        if (environ.get(name) or "0").lower() not in ("0", "false", "no", "off"):
            raise WrongSetting(f"{name} is set; debug mode would show internals to clients")


def _secret(environ: Mapping[str, str], name: str) -> str | None:
    secret = environ.get(name) or None
    if secret is not None and (len(secret) < _SECRET_LENGTH_MIN or not secret.isascii()):
        raise WrongSetting(f"{name} must be {_SECRET_LENGTH_MIN} random ASCII characters or more")
    return secret


def _whole_number(
    environ: Mapping[str, str], name: str, *, default: int, at_least: int = 1, at_most: int
) -> int:
    text = environ.get(name) or str(default)
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    if not is_number or not at_least <= int(text) <= at_most:
        raise WrongSetting(
            f"{name} must be a whole number from {at_least} to {at_most}, not {text!r}"
        )
    return int(text)


def _plausibility(environ: Mapping[str, str]) -> Plausibility:
    hours = _whole_number(environ, "CALL_HOURS_MAX", default=168, at_most=87_600)
    price = _whole_number(environ, "CALL_PRICE_MAX", default=0, at_least=0, at_most=99_999_999)
    return Plausibility(timedelta(hours=hours), Cents(100 * price) if price else None)


def _letterhead(environ: Mapping[str, str]) -> Letterhead:
    address = _read(environ, "LETTERHEAD_ADDRESS", read_name)
    return Letterhead(
        name=_read(environ, "LETTERHEAD_NAME", read_name),
        address=tuple(line.strip() for line in address.split("|")) if address else (),
        tax_number=_read(environ, "LETTERHEAD_TAX_NUMBER", read_name),
        logo=_read(environ, "LETTERHEAD_LOGO", lambda path: read_logo(Path(path).read_bytes())),
    )


def _read(environ: Mapping[str, str], name: str, read: Callable[[str], Read]) -> Read | None:
    text = environ.get(name)
    try:
        return read(text) if text else None
    except OSError as error:
        raise WrongSetting(f"{name} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise WrongSetting(f"{name} {error}, not {text!r}") from None


def _is_auth_required(environ: Mapping[str, str]) -> bool:
    value = environ.get("API_AUTH") or "required"
    if value not in ("required", "off"):
        raise WrongSetting(f"API_AUTH must be required or off, not {value!r}")
    if value == "off" and environ.get("DATABASE_URL"):
        raise WrongSetting("API_AUTH=off works only without DATABASE_URL")
    return value == "required"


def _storage(environ: Mapping[str, str], name: str, *, default: str) -> str:
    url = environ.get(name) or default
    try:
        storage_from_string(url)
    except (ConfigurationError, ValueError) as error:
        raise WrongSetting(f"{name} cannot be used: {error}") from None
    return url

"""A real nginx at its defaults in front of instances of the service."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from benchmarks.place import free_port
from faults.trial import NotRun

_START_SECONDS_MAX = 10
# Only what nginx needs to run beside others: every setting that matters is at its default.
_CONFIG = """
{user}
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream pulso {{ {servers} }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://pulso; }}
    }}
}}
"""


@contextmanager
def nginx(*ports: int) -> Iterator[int]:
    """Run nginx before the services on `ports`; give its port. Raises NotRun if it is missing."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise NotRun("nginx is not installed here")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "nginx.conf"
        config.write_text(
            _CONFIG.format(
                user="user root;" if os.geteuid() == 0 else "",
                folder=folder,
                servers=" ".join(f"server 127.0.0.1:{each};" for each in ports),
                port=port,
            )
        )
        running = subprocess.Popen(
            [program, "-p", folder, "-c", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(port)
            yield port
        finally:
            running.terminate()
            running.wait(30)


def _wait_for(port: int) -> None:
    until = time.monotonic() + _START_SECONDS_MAX
    while time.monotonic() < until:
        with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), 1)):
            return
        time.sleep(0.05)
    raise TimeoutError("nginx does not come up")

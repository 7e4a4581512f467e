"""A real nginx for tests: Debian's, with the configuration that `deploy/` ships, at other ports and names."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from broker import free_port
from divided import begun, ended

from peelian.integrations.broker_certificates import authority_in, issue

SHIPPED = Path(__file__).resolve().parents[2] / "deploy" / "peelian-nginx.conf"
MAIN = """
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxied;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Where nginx answers, and what its certificate is checked with."""

    port: int
    plain_port: int
    trust: ssl.SSLContext

    @property
    def where(self) -> str:
        return f"https://localhost:{self.port}"


def front_in(folder: Path) -> Front:
    """Two free ports, and a certificate for localhost in a folder."""
    now = datetime.now(UTC)
    issue(
        folder / "site", "site", authority_in(folder, now), now=now, until=now + timedelta(days=2), hosts=("localhost",)
    )
    trust = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    return Front(port=free_port(), plain_port=free_port(), trust=trust)


def site(front: Front, folder: Path, pages_port: int) -> str:
    """The configuration as it is shipped, but for names, ports and files. AssertionError where it has others."""
    text = SHIPPED.read_text(encoding="utf-8")
    for wrong, here, times in (
        (r"127\.0\.0\.1:8181", f"127.0.0.1:{pages_port}", 1),
        (r"listen 80;", f"listen 127.0.0.1:{front.plain_port};", 1),
        (r"listen 443 ssl;", f"listen 127.0.0.1:{front.port} ssl;", 1),
        (r" *listen \[::\][^;]*;\n", "", 2),
        (r"peelian\.town\.example", "localhost", 2),
        (r"/etc/ssl/peelian/fullchain\.pem", str(folder / "site.pem"), 1),
        (r"/etc/ssl/peelian/key\.pem", str(folder / "site.key"), 1),
    ):
        text, n = re.subn(wrong, here, text)
        assert n == times, wrong
    return text


@contextmanager
def nginx(front: Front, folder: Path, pages_port: int) -> Iterator[None]:
    """nginx in front of the pages, its files in `folder`; the test is skipped where Debian's package is missing."""
    path = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if path is None:
        pytest.skip("nginx is not installed: Debian package nginx-light")
    (folder / "site.conf").write_text(site(front, folder, pages_port), encoding="utf-8")
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder), encoding="utf-8")
    process = begun(
        [path, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"], lambda: _answers(front)
    )
    try:
        yield
    finally:
        ended(process)


def _answers(front: Front) -> bool:
    try:
        socket.create_connection(("127.0.0.1", front.port), 1).close()
    except OSError:
        return False
    return True

"""`peelian serve` as a process of its own, and browsers in which people logged on there."""

from __future__ import annotations

import re
import signal
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from divided import begun, ended, program
from forked import Process, fork
from own_keys import PASSPHRASE

from peelian.integrations.login_codes import leave_pass
from peelian.operations.office import open_office

REASONS = {"reasons": "it fits the area", "other_evidence": "document: the records of the works"}


def pass_at(path: Path, short: str) -> str:
    """A code for a person, as `peelian log-on` makes it."""
    with open_office(path) as office:
        return leave_pass(path, short, office.keys.of(short))


@dataclass
class Pages:
    """`peelian serve` of an office as a process of its own."""

    office: Path
    port: int
    more: tuple[str, ...] = ()
    process: Process | None = None

    def start(self) -> None:
        """Until they answer."""
        words = ("serve", "--office", str(self.office), "--port", str(self.port), *self.more)
        self.process = begun(program(*words), self.answers, start=fork)

    def end(self, with_signal: int = signal.SIGTERM) -> None:
        """Until they are gone."""
        if self.process is not None:
            ended(self.process, with_signal)
            self.process = None

    def answers(self) -> bool:
        """Whether they listen: uvicorn does once the pages are made."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def where(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def visitor(self, cookies: Mapping[str, str] | None = None) -> httpx.Client:
        """A browser at these pages, with nobody's session or with that of these cookies."""
        own, trust = dict(cookies or {}), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # nobody: it is plain HTTP
        return httpx.Client(base_url=self.where, headers={"origin": self.where}, cookies=own, timeout=60, verify=trust)

    def logged_on(self, short: str) -> httpx.Client:
        """A browser in which a person logged on with a code that their key made at the terminal."""
        client = self.visitor()
        code = pass_at(self.office, short)
        got = client.post("/en/log-on", data={"code": code, "passphrase": PASSPHRASE})
        assert got.status_code == 303, got.text[-2000:]
        with self.visitor() as other:
            again = other.post("/en/log-on", data={"code": code})
        assert again.status_code == 403, "a code serves once"
        return client


def send(client: httpx.Client, page: str, **fields: str) -> httpx.Response:
    """Send a form of this session; a decision from the page of its case, which is opened first."""
    if page.endswith("/decide") and 'name="exposure"' in client.get(page.removesuffix("/decide")).text:
        fields = {"exposure": "No patrol is added there."} | fields
    desk = client.get("/en/desk")
    form = re.search(r'name="form" value="([^"]+)"', desk.text)
    assert form is not None, f"{desk.status_code}: {desk.text[-2000:]}"
    return client.post(page, data={**fields, "form": form[1]})

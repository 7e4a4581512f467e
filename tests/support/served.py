"""`peelian serve` as a process of its own, and browsers in which people logged on there."""

from __future__ import annotations

import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import httpx
from divided import begun, ended, program
from own_keys import PASSPHRASE

from peelian.integrations.login_codes import leave_pass
from peelian.operations.office import open_office

REASONS = {"reasons": "it fits the area", "other_evidence": "the records of the works"}


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
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Until they answer."""
        words = ("serve", "--office", str(self.office), "--port", str(self.port), *self.more)
        self.process = begun(program(*words), self.answers)

    def end(self, with_signal: int = signal.SIGTERM) -> None:
        """Until they are gone."""
        if self.process is not None:
            ended(self.process, with_signal)
            self.process = None

    def answers(self) -> bool:
        """Whether they do."""
        try:
            httpx.get(f"{self.where}/en/log", timeout=60)
        except httpx.TransportError:
            return False
        return True

    @property
    def where(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def logged_on(self, short: str) -> httpx.Client:
        """A browser in which a person logged on with a code that their key made at the terminal."""
        client = httpx.Client(base_url=self.where, headers={"origin": self.where}, timeout=60)
        code = pass_at(self.office, short)
        got = client.post("/en/log-on", data={"code": code, "passphrase": PASSPHRASE})
        assert got.status_code == 303, got.text[-2000:]
        own = {"origin": self.where}
        again = httpx.post(f"{self.where}/en/log-on", data={"code": code}, headers=own, timeout=60)
        assert again.status_code == 403, "a code serves once"
        return client


def send(client: httpx.Client, page: str, **fields: str) -> httpx.Response:
    """Send a form of this session."""
    form = re.search(r'name="form" value="([^"]+)"', client.get("/en/desk").text)
    assert form is not None
    return client.post(page, data={**fields, "form": form[1]})
